#include <algorithm>
#include <array>

#include "gateway/queue/sqlite_store.hpp"

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

}  // namespace

bool SqliteStore::start_anew(const ItemId& id, Timestamp now) {
  const auto item = find(id);
  // Erased content cannot be sent; a recording is not yet to be sent.
  if (!item || !item->content || item->state == State::recording) return false;
  const std::optional<Timestamp> due = item->state == State::held ? std::nullopt : std::optional{now};
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

  const auto each = [&](const char* sql) {
    std::vector<ItemId> found;
    {
      Query items{database_, sql, most - count, now};
      while (items.next()) found.push_back(items.id(0));
    }
    for (const ItemId& id : found) count += start_anew(id, now) ? 1 : 0;
  };
  for (const State state : selection.states) {
    if (state == State::failed) each(kFailed);
    if (state == State::ready) each(kLater);
    if (state == State::ready) each(kTried);
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
