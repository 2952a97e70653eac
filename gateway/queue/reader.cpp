#include "gateway/queue/reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <system_error>
#include <utility>

#include "gateway/queue/recordings.hpp"
#include "gateway/queue/rows.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// One view of the database over several statements, never longer than one call.
class View {
 public:
  explicit View(Database& database) : database_{database} { execute(database_, "BEGIN"); }
  ~View() {
    try {
      execute(database_, "COMMIT");
    } catch (const std::exception&) {  // nothing was written: nothing can be lost
    }
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;

 private:
  Database& database_;
};

constexpr std::array kAllStates{State::recording, State::held, State::ready, State::failed, State::delivered};
// The rest of a due row's key in the one number that the Cursor has.
constexpr std::int64_t kRecipients = 1 << 16;

// Literals each, so that each is prepared once and finds its way by the index on (state, seq).
#define SIP2MAIL_WANTED                                                                                         \
  " AND (?3 IS NULL OR mailbox = ?3) AND (?4 IS NULL OR kind = ?4) AND (?5 IS NULL OR instr(lower(caller), ?5)" \
  " OR instr(lower(caller_name), ?5) OR instr(lower(callee), ?5) OR instr(lower(mailbox), ?5)"                  \
  " OR instr(lower(call_id), ?5))"
constexpr const char* kOlderFirst =
    "SELECT seq FROM items WHERE state = ?1 AND seq > ?2" SIP2MAIL_WANTED " ORDER BY seq LIMIT ?6";
constexpr const char* kNewerFirst =
    "SELECT seq FROM items WHERE state = ?1 AND seq < ?2" SIP2MAIL_WANTED " ORDER BY seq DESC LIMIT ?6";
#undef SIP2MAIL_WANTED

// Where the page before ended, also when that item is gone by now.
std::int64_t beginning_of(Database& database, const Filter& filter) {
  if (!filter.after) return filter.newest_first ? std::numeric_limits<std::int64_t>::max() : 0;
  Query row{database,
            filter.newest_first ? "SELECT seq FROM items WHERE id >= ? ORDER BY id LIMIT 1"
                                : "SELECT seq FROM items WHERE id <= ? ORDER BY id DESC LIMIT 1",
            *filter.after};
  if (row.next()) return row.number(0);
  return filter.newest_first ? std::numeric_limits<std::int64_t>::max() : 0;
}

}  // namespace

struct Reader::Statements {
  std::filesystem::path directory;
  mutable Database database;
};

Reader::Reader(const std::filesystem::path& queue_directory)
    : statements_{new Statements{queue_directory, Database::for_reading(queue_directory)}} {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;

DuePage Reader::due(const Cursor& after, Timestamp until, int most) const {
  DuePage page;
  page.end = after;
  // The row value is compared as one key: pages neither overlap nor leave a gap between equal times.
  Query row{statements_->database,
            "SELECT r.item, r.n, i.id, i.kind, r.address, r.not_before, r.tries, r.first_refusal, r.form, i.received"
            " FROM recipients AS r CROSS JOIN items AS i ON i.seq = r.item"
            " WHERE r.not_before IS NOT NULL AND (r.not_before, r.item, r.n) > (?, ?, ?) AND r.not_before <= ?"
            " ORDER BY r.not_before, r.item, r.n LIMIT ?",
            after.not_before,
            after.row / kRecipients,
            after.row % kRecipients,
            until,
            most};
  while (row.next()) {
    Due& due = page.due.emplace_back();
    due.id = {row.id(2), static_cast<int>(row.number(1))};
    due.kind = parse_kind(row.text(3)).value_or(Kind::voicemail);
    due.address = row.text(4);
    due.not_before = row.time(5);
    due.tries = static_cast<int>(row.number(6));
    due.first_refusal = row.time_if_any(7);
    due.form = parse_form(row.text(8));
    due.received = row.time(9);
    page.end = {due.not_before, row.number(0) * kRecipients + row.number(1)};
  }
  return page;
}

std::optional<Timestamp> Reader::next_due(Timestamp after) const {
  Query row{statements_->database,
            "SELECT not_before FROM recipients WHERE not_before IS NOT NULL AND not_before > ?"
            " ORDER BY not_before LIMIT 1",
            after};
  return row.next() ? std::optional{row.time(0)} : std::nullopt;
}

std::vector<Item> Reader::list(const Filter& filter) const {
  Database& database = statements_->database;
  std::vector<State> states = filter.states;
  if (states.empty()) states.assign(kAllStates.begin(), kAllStates.end() - 1);
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  std::optional<std::string_view> kind;
  if (filter.kind) kind = to_text(*filter.kind);
  std::optional<std::string> text;
  if (filter.text && !filter.text->empty()) text = lower(*filter.text);  // of ASCII, as SQLite's

  const View view{database};
  const std::int64_t beginning = beginning_of(database, filter);
  std::vector<std::int64_t> found;
  for (const State state : states) {
    Query row{database,       filter.newest_first ? kNewerFirst : kOlderFirst,
              to_text(state), beginning,
              filter.mailbox, kind,
              text,           filter.limit};
    while (row.next()) found.push_back(row.number(0));
  }
  std::sort(found.begin(), found.end());
  if (filter.newest_first) std::reverse(found.begin(), found.end());
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(filter.limit, 0))));

  std::vector<Item> items;
  for (const std::int64_t seq : found) {
    if (auto item = load_item(database, seq)) items.push_back(std::move(*item));
  }
  return items;
}

std::optional<Item> Reader::show(const ItemId& id) const {
  const View view{statements_->database};
  const auto row = find_item(statements_->database, id);
  return row ? load_item(statements_->database, row->seq) : std::nullopt;
}

std::optional<StoredContent> Reader::content(const ItemId& id) const {
  Database& database = statements_->database;
  const View view{database};
  const auto item = find_item(database, id);
  if (!item) return std::nullopt;
  StoredContent content;
  if (!item->content) return content;
  Query row{database, "SELECT type, name, body FROM parts WHERE item = ? ORDER BY n", item->seq};
  while (row.next()) content.parts.push_back({row.text(0), row.text(1), row.text(2)});
  if (item->kind == Kind::voicemail) {
    auto path = recording_path(statements_->directory, id);
    // One that cannot be looked at now is not missing: who reads it says why, and comes again.
    std::error_code unknown;
    if (std::filesystem::exists(path, unknown) || unknown) content.recording = std::move(path);
  }
  return content;
}

std::vector<PastTry> Reader::history(const ItemId& id) const {
  Database& database = statements_->database;
  const View view{database};
  std::vector<PastTry> tries;
  const auto item = find_item(database, id);
  if (!item) return tries;
  std::map<std::int64_t, std::string> replaced;
  std::vector<std::int64_t> numbers;
  Query row{database,
            "SELECT t.n, r.address, t.at, t.relay, t.code, t.reply, t.verdict FROM tries AS t"
            " LEFT JOIN recipients AS r ON r.item = t.item AND r.n = t.n WHERE t.item = ? ORDER BY t.n, t.at",
            item->seq};
  while (row.next()) {
    numbers.push_back(row.number(0));
    PastTry& one = tries.emplace_back();
    if (!row.null(1)) one.address = row.text(1);
    one.at = row.time(2);
    one.relay = row.text(3);
    one.code = static_cast<int>(row.number(4));
    one.reply = row.text(5);
    one.verdict = row.text(6);
    if (one.verdict == "replaced") replaced[numbers.back()] = std::exchange(one.reply, {});
  }
  for (std::size_t i = 0; i < tries.size(); ++i) {
    if (tries[i].address.empty()) tries[i].address = replaced[numbers[i]];
  }
  std::stable_sort(tries.begin(), tries.end(), [](const PastTry& a, const PastTry& b) { return a.at < b.at; });
  return tries;
}

std::vector<ItemId> Reader::ending(const std::string& end_of_id) const {
  std::vector<ItemId> ids;
  if (end_of_id.empty()) return ids;
  if (const auto whole = ItemId::parse(end_of_id)) {
    if (find_item(statements_->database, *whole)) ids.push_back(*whole);
    return ids;
  }
  std::string end = end_of_id;
  for (char& c : end) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  // Reads over all ids, in their own index: an operator types it, and an index of ends would cost every put.
  Query row{statements_->database, "SELECT id FROM items WHERE substr(id, -?) = ? LIMIT 2", end.size(), end};
  while (row.next()) ids.push_back(row.id(0));
  return ids;
}

std::vector<std::pair<State, std::int64_t>> Reader::counts() const {
  const View view{statements_->database};
  std::vector<std::pair<State, std::int64_t>> counts;
  for (const State state : kAllStates) {
    Query row{statements_->database, "SELECT count(*) FROM items WHERE state = ?", to_text(state)};
    if (row.next()) counts.emplace_back(state, row.number(0));
  }
  return counts;
}

}  // namespace sip2mail
