#include "gateway/queue/sqlite_store.hpp"

namespace sip2mail {
namespace {

std::string_view text_of(Form form) {
  switch (form) {
    case Form::whole:
      return "whole";
    case Form::smaller:
      return "smaller";
    case Form::no_audio:
      return "no-audio";
  }
  return "whole";
}

}  // namespace

State SqliteStore::become(const Row& item, State state, std::optional<Timestamp> settled) {
  execute(database_, "UPDATE items SET state = ?, settled = ? WHERE seq = ?", to_text(state), settled, item.seq);
  changes_.push_back({item.id, state});
  return state;
}

State SqliteStore::settle(const Row& item, Timestamp now) {
  Tally tally;
  {
    Query recipients{database_, "SELECT state, fallback FROM recipients WHERE item = ?", item.seq};
    while (recipients.next()) {
      const std::string state = recipients.text(0);
      tally.waiting += state == "waiting" ? 1 : 0;
      tally.failed += state == "failed" ? 1 : 0;
      tally.fallbacks_delivered += state == "delivered" && recipients.number(1) != 0 ? 1 : 0;
    }
  }
  const State after = derive_state(item.state, tally);
  if (after == item.state) {
    changes_.push_back({item.id, after});
    return after;
  }
  const bool over = after == State::delivered || after == State::failed;
  return become(item, after, over ? std::optional{now} : std::nullopt);
}

void SqliteStore::record_try(const Row& item, int n, const Reply& reply, std::string_view verdict, Timestamp now) {
  execute(database_,
          "INSERT OR REPLACE INTO tries (item, n, at, relay, code, reply, verdict) VALUES (?, ?, ?, ?, ?, ?, ?)",
          item.seq, n, now, reply.relay, reply.code, reply.text, verdict);
}

// A delivered one stays delivered whatever comes after; a failed one that turns out delivered is.
State SqliteStore::done(const RecipientId& id, const Reply& reply, Timestamp now) {
  const auto item = find(id.item);
  if (!item) return State::delivered;
  const int changed =
      execute(database_,
              "UPDATE recipients SET state = 'delivered', not_before = NULL, tries = tries + 1, at = ?, code = ?,"
              " reply = ?, relay = ? WHERE item = ? AND n = ? AND state <> 'delivered'",
              now, reply.code, reply.text, reply.relay, item->seq, id.n);
  return changed == 0 ? item->state : settle(*item, now);
}

// Held meanwhile: not_before is and stays NULL.
State SqliteStore::defer(const RecipientId& id, const Reply& reply, Delay delay, Timestamp now) {
  const auto item = find(id.item);
  if (!item) return State::delivered;
  const int changed =
      execute(database_,
              "UPDATE recipients SET not_before = CASE WHEN not_before IS NULL THEN NULL ELSE ? END, tries = tries + 1,"
              " first_refusal = coalesce(first_refusal, ?), at = ?, code = ?, reply = ?, relay = ?"
              " WHERE item = ? AND n = ? AND state = 'waiting'",
              now + delay, now, now, reply.code, reply.text, reply.relay, item->seq, id.n);
  if (changed == 0) return item->state;
  record_try(*item, id.n, reply, "deferred", now);
  return settle(*item, now);
}

State SqliteStore::fail(const RecipientId& id, const Reply& reply, const std::optional<std::string>& fallback,
                        Timestamp now) {
  const auto item = find(id.item);
  if (!item) return State::delivered;
  const int changed =
      execute(database_,
              "UPDATE recipients SET state = 'failed', not_before = NULL, tries = tries + 1, at = ?, code = ?,"
              " reply = ?, relay = ? WHERE item = ? AND n = ? AND state = 'waiting'",
              now, reply.code, reply.text, reply.relay, item->seq, id.n);
  if (changed == 0) return item->state;
  record_try(*item, id.n, reply, "failed", now);
  if (fallback && !fallback->empty() && item->kind != Kind::alert) {
    // Already one of the recipients: it is the fallback from now on, and gets no second mail.
    std::optional<std::int64_t> known;
    {
      Query same{database_, "SELECT n FROM recipients WHERE item = ? AND address = ? COLLATE NOCASE", item->seq,
                 *fallback};
      if (same.next()) known = same.number(0);
    }
    if (!known) {
      const std::optional<Timestamp> due = item->state == State::held ? std::nullopt : std::optional{now};
      execute(database_,
              "INSERT INTO recipients (item, n, address, fallback, not_before)"
              " SELECT ?1, max(n) + 1, ?2, 1, ?3 FROM recipients WHERE item = ?1",
              item->seq, *fallback, due);
    } else if (*known != id.n) {
      execute(database_, "UPDATE recipients SET fallback = 1 WHERE item = ? AND n = ?", item->seq, *known);
    }
  }
  return settle(*item, now);
}

State SqliteStore::shrink(const RecipientId& id, const Reply& reply, Form form, Timestamp now) {
  const auto item = find(id.item);
  if (!item) return State::delivered;
  const int changed =
      execute(database_,
              "UPDATE recipients SET form = ?, not_before = CASE WHEN not_before IS NULL THEN NULL ELSE ? END,"
              " tries = tries + 1, at = ?, code = ?, reply = ?, relay = ?"
              " WHERE item = ? AND n = ? AND state = 'waiting'",
              text_of(form), now, now, reply.code, reply.text, reply.relay, item->seq, id.n);
  if (changed == 0) return item->state;
  record_try(*item, id.n, reply, text_of(form), now);
  return settle(*item, now);
}

void SqliteStore::composing(const RecipientId& id, Timestamp now) {
  const auto item = find(id.item);
  if (!item) return;
  execute(database_, "UPDATE recipients SET composed = coalesce(composed, ?) WHERE item = ? AND n = ?", now, item->seq,
          id.n);
}

}  // namespace sip2mail
