#include <algorithm>
#include <array>

#include "gateway/queue/sqlite_store.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// Each query finds only what start_anew() then takes out of its reach, and nothing that was judged after the loop began
// (a relay may refuse faster than it goes round): so the caller's loop comes to its end, and no call reads over what
// the ones before have done.
constexpr const char* kFailed =
    "SELECT id FROM items WHERE content = 1 AND state = 'failed' AND settled IS NOT NULL AND settled <= ?2"
    " ORDER BY settled LIMIT ?1";
constexpr const char* kLater =
    "SELECT items.id FROM recipients CROSS JOIN items ON items.seq = recipients.item"
    " WHERE recipients.not_before IS NOT NULL AND recipients.not_before > ?2"
    " AND (recipients.at IS NULL OR recipients.at <= ?2) LIMIT ?1";
constexpr const char* kTried =
    "SELECT items.id FROM recipients CROSS JOIN items ON items.seq = recipients.item"
    " WHERE recipients.not_before IS NOT NULL AND recipients.tries > 0 AND recipients.at <= ?2 LIMIT ?1";
constexpr const char* kBuiltIn =
    "SELECT id FROM items WHERE content = 1 AND state = 'delivered' AND settled IS NOT NULL AND settled <= ?2"
    " AND EXISTS (SELECT 1 FROM recipients WHERE item = items.seq AND state = 'delivered' AND relay = 'builtin')"
    " ORDER BY settled LIMIT ?1";

std::vector<ItemId> find_ids(Query& items) {
  std::vector<ItemId> found;
  while (items.next()) found.push_back(items.id(0));
  return found;
}

bool is_among(const std::string& address, std::span<const std::string> addresses) {
  return std::any_of(addresses.begin(), addresses.end(),
                     [&](const std::string& each) { return equal_ignoring_case(each, address); });
}

}  // namespace

bool SqliteStore::start_anew(const ItemId& id, Timestamp now) {
  const auto item = find(id);
  // Erased content cannot be sent; a recording is not yet to be sent.
  if (!item || !item->content || item->state == State::recording) return false;
  std::optional<Timestamp> due;
  if (item->state != State::held) due = now;
  const int changed = execute(
      database_,
      "UPDATE recipients SET state = 'waiting', tries = 0, first_refusal = NULL, not_before = ?1 WHERE item = ?2"
      " AND (state = 'failed' OR (state = 'waiting' AND (tries > 0 OR first_refusal IS NOT NULL OR not_before > ?3)))",
      due, item->seq, now);
  if (changed > 0) settle(*item, now);
  return changed > 0;
}

int SqliteStore::retry(const Selection& selection, Timestamp now, int most) {
  int count = 0;
  for (const ItemId& id : selection.ids) {
    if (count >= most) return count;
    count += start_anew(id, now) ? 1 : 0;
  }
  if (!selection.ids.empty()) return count;

  const auto each = [&](Query items, auto again) {
    for (const ItemId& id : find_ids(items)) count += again(id) ? 1 : 0;
  };
  const auto anew = [&](const ItemId& id) { return start_anew(id, now); };
  for (const State state : selection.states) {
    if (state == State::failed) each({database_, kFailed, most - count, now}, anew);
    if (state == State::ready) each({database_, kLater, most - count, now}, anew);
    if (state == State::ready) each({database_, kTried, most - count, now}, anew);
    if (state == State::delivered)
      each({database_, kBuiltIn, most - count, now}, [&](const ItemId& id) { return send_again(id, now); });
  }
  return count;
}

bool SqliteStore::send_again(const ItemId& id, Timestamp now) {
  const auto item = find(id);
  if (!item) return false;
  execute(database_,
          "UPDATE recipients SET state = 'waiting', tries = 0, first_refusal = NULL, not_before = ?"
          " WHERE item = ? AND state = 'delivered' AND relay = 'builtin'",
          now, item->seq);
  settle(*item, now);
  return true;
}

// The new ones get numbers of their own, so that no Message-ID ever names two addresses; the history tells whom they
// replaced.
bool SqliteStore::replace_failed(const ItemId& id, std::span<const std::string> to, Timestamp now) {
  const auto item = find(id);
  if (!item || !item->content || item->state == State::recording) return false;
  std::vector<std::string> known;
  std::vector<std::pair<int, std::string>> failed;
  int last = 0;
  {
    Query recipients{database_, "SELECT n, address, state FROM recipients WHERE item = ? ORDER BY n", item->seq};
    while (recipients.next()) {
      last = static_cast<int>(recipients.number(0));
      known.push_back(recipients.text(1));
      if (recipients.text(2) == "failed") failed.emplace_back(last, known.back());
    }
  }
  if (failed.empty()) return false;
  for (const auto& [n, address] : failed) {
    if (is_among(address, to)) continue;  // it is tried anew
    Reply instead;
    instead.text = address;
    record_try(*item, n, instead, "replaced", now);
    execute(database_, "DELETE FROM recipients WHERE item = ? AND n = ?", item->seq, n);
  }
  std::optional<Timestamp> due;
  if (item->state != State::held) due = now;
  for (const std::string& address : to) {
    if (is_among(address, known)) continue;
    known.push_back(address);
    execute(database_, "INSERT INTO recipients (item, n, address, not_before) VALUES (?, ?, ?, ?)", item->seq, ++last,
            address, due);
  }
  if (!start_anew(id, now)) settle(*item, now);
  return true;
}

int SqliteStore::redirect(const Selection& selection, std::span<const std::string> to, Timestamp now, int most) {
  std::vector<ItemId> ids = selection.ids;
  if (ids.empty() &&
      std::find(selection.states.begin(), selection.states.end(), State::failed) != selection.states.end()) {
    Query failed{database_, kFailed, most, now};
    ids = find_ids(failed);
  }
  int count = 0;
  for (const ItemId& id : ids) {
    if (count >= most) break;
    count += replace_failed(id, to, now) ? 1 : 0;
  }
  return count;
}

std::vector<SqliteStore::Row> SqliteStore::selected(const Selection& selection, std::span<const State> states,
                                                    int most) {
  std::vector<ItemId> ids = selection.ids;
  if (ids.empty()) {
    for (const State state : selection.states) {
      if (std::find(states.begin(), states.end(), state) == states.end()) continue;
      Query items{database_, "SELECT id FROM items WHERE state = ? ORDER BY seq LIMIT ?", to_text(state), most};
      while (items.next()) ids.push_back(items.id(0));
    }
  }
  std::vector<Row> rows;
  for (const ItemId& id : ids) {
    if (static_cast<int>(rows.size()) >= most) break;
    const auto item = find(id);
    if (item && std::find(states.begin(), states.end(), item->state) != states.end()) rows.push_back(*item);
  }
  return rows;
}

int SqliteStore::hold(const Selection& selection, int most) {
  const auto items = selected(selection, std::array{State::ready}, most);
  for (const Row& item : items) {
    execute(database_, "UPDATE recipients SET not_before = NULL WHERE item = ?", item.seq);
    become(item, State::held, std::nullopt);
  }
  return static_cast<int>(items.size());
}

int SqliteStore::release(const Selection& selection, Timestamp now, int most) {
  const auto items = selected(selection, std::array{State::held}, most);
  for (Row item : items) {
    let_go(item, now);
    // A transaction that was under way when it was held may have been its last.
    item.state = State::ready;
    settle(item, now);
  }
  return static_cast<int>(items.size());
}

int SqliteStore::remove(const Selection& selection, int most) {
  const auto items = selected(selection, std::array{State::held, State::ready, State::failed, State::delivered}, most);
  for (const Row& item : items) {
    if (item.kind == Kind::voicemail && item.content) unlink_later(item.id);
    remove_rows(item);
  }
  return static_cast<int>(items.size());
}

}  // namespace sip2mail
