#include "gateway/queue/sqlite_store.hpp"

namespace sip2mail {
namespace {

constexpr Delay kFacts = 24h * 30;
constexpr Delay kSeen = 24h;

// Nobody sweeps before the first start with a relay: what the built-in Maildir took is kept from then on as if it had
// been delivered then, so that it can be sent after all.
Timestamp first_sweep(Database& database, Timestamp now) {
  execute(database, "INSERT OR IGNORE INTO facts (name, value) VALUES ('first-sweep', ?)", now);
  Query row{database, "SELECT value FROM facts WHERE name = 'first-sweep'"};
  return row.next() ? row.time(0) : now;
}

}  // namespace

int SqliteStore::sweep(const Keep& keep, Timestamp now, int most) {
  int count = 0;
  const auto settled = [&](int content, State state, Timestamp until) {
    std::vector<Row> rows;
    Query items{database_,
                "SELECT seq, id, kind FROM items WHERE content = ? AND state = ? AND settled IS NOT NULL"
                " AND settled <= ? ORDER BY settled LIMIT ?",
                content,
                to_text(state),
                until,
                most - count};
    while (items.next()) {
      Row row;
      row.seq = items.number(0);
      row.id = items.id(1);
      row.kind = parse_kind(items.text(2)).value_or(Kind::voicemail);
      row.state = state;
      rows.push_back(row);
    }
    count += static_cast<int>(rows.size());
    return rows;
  };
  const auto erase = [&](State state, Delay kept) {
    for (const Row& item : settled(1, state, now - kept)) {
      if (item.kind == Kind::voicemail) unlink_later(item.id);
      execute(database_, "DELETE FROM parts WHERE item = ?", item.seq);
      execute(database_, "UPDATE items SET content = 0 WHERE seq = ?", item.seq);
      changes_.push_back({item.id, state});
    }
  };
  if (first_sweep(database_, now) <= now - keep.delivered) erase(State::delivered, keep.delivered);
  if (keep.failed > Delay{0}) erase(State::failed, keep.failed);
  // Facts are counted from the same moment; those whose content is kept longer stay with it.
  for (const State state : {State::delivered, State::failed}) {
    for (const Row& item : settled(0, state, now - kFacts)) remove_rows(item);
  }
  count +=
      execute(database_, "DELETE FROM seen WHERE at <= ? AND item IN (SELECT item FROM seen ORDER BY item LIMIT ?)",
              now - kSeen, most - count);
  return count;
}

}  // namespace sip2mail
