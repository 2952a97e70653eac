#include <stdexcept>
#include <system_error>

#include "gateway/queue/sqlite_store.hpp"

namespace sip2mail {
namespace {

constexpr Delay kDuplicates = 24h;

std::string joined(const Flags& flags) {
  std::string out;
  for (const std::string& text : to_texts(flags)) {
    if (!out.empty()) out += ',';
    out += text;
  }
  return out;
}

Flags both(const Flags& a, const Flags& b) {
  return {a.interrupted || b.interrupted, a.no_speech || b.no_speech, a.poor_audio || b.poor_audio,
          a.unverified || b.unverified};
}

}  // namespace

std::optional<SqliteStore::Row> SqliteStore::find(const ItemId& id) {
  Query row{database_, "SELECT seq, state, kind, flags, content FROM items WHERE id = ?", id};
  if (!row.next()) return std::nullopt;
  const auto state = parse_state(row.text(1));
  const auto kind = parse_kind(row.text(2));
  if (!state || !kind) throw std::runtime_error{"the queue's database is damaged at item " + id.text()};
  return Row{row.number(0), id, *state, *kind, parse_flags(row.text(3)), row.number(4) != 0};
}

std::int64_t SqliteStore::insert(const Envelope& envelope, State state, std::optional<Timestamp> not_before,
                                 std::uint64_t size) {
  // Without one nobody would wait, and the item would count as delivered.
  if (envelope.recipients.empty()) throw std::invalid_argument{"an item needs a recipient"};
  execute(database_,
          "INSERT INTO items (id, kind, state, mailbox, caller, caller_name, callee, call_id, reason, flags, received,"
          " size, sender_domain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          envelope.id, to_text(envelope.kind), to_text(state), envelope.mailbox, envelope.caller, envelope.caller_name,
          envelope.callee, envelope.call_id, envelope.reason, joined(envelope.flags), envelope.received, size,
          envelope.sender_domain);
  const std::int64_t seq = database_.last_row();
  int n = 0;
  for (const std::string& address : envelope.recipients)
    execute(database_, "INSERT INTO recipients (item, n, address, not_before) VALUES (?, ?, ?, ?)", seq, ++n, address,
            not_before);
  changes_.push_back({envelope.id, state});
  return seq;
}

Opened SqliteStore::open(const Envelope& envelope, Timestamp) {
  Fd recording = recordings_.create(envelope.id);
  created_.push_back(recording_name(envelope.id));
  static_cast<void>(insert(envelope, State::recording, std::nullopt, 0));
  return {envelope.id, std::move(recording)};
}

Stored SqliteStore::put(const Envelope& envelope, std::span<const Part> parts, const std::optional<DedupeKey>& key,
                        Timestamp now) {
  // The same item a second time: its first COMMIT was kept although the disk did not say so.
  if (find(envelope.id)) return {envelope.id, true};
  if (key) {
    bool expired = false;
    {
      Query first{database_, "SELECT id, at FROM seen WHERE key = ?", Query::blob(*key)};
      if (first.next()) {
        if (now - first.time(1) < kDuplicates) return {first.id(0), true};
        expired = true;
      }
    }
    if (expired) execute(database_, "DELETE FROM seen WHERE key = ?", Query::blob(*key));
  }
  std::uint64_t size = 0;
  for (const Part& part : parts) size += part.body.size();
  const std::int64_t seq = insert(envelope, State::ready, now, size);
  int n = 0;
  for (const Part& part : parts)
    execute(database_, "INSERT INTO parts (item, n, type, name, body) VALUES (?, ?, ?, ?, ?)", seq, ++n, part.type,
            part.name, Query::blob(part.body));
  if (key)
    execute(database_, "INSERT INTO seen (item, key, at, id) VALUES (?, ?, ?, ?)", seq, Query::blob(*key), now,
            envelope.id);
  return {envelope.id, false};
}

void SqliteStore::began(const ItemId& id, Timestamp now) {
  execute(database_, "UPDATE items SET began = ? WHERE id = ? AND state = 'recording'", now, id);
}

State SqliteStore::ready(const ItemId& id, const Heard& heard, Timestamp now) {
  const auto item = find(id);
  if (!item) return State::delivered;
  if (item->state != State::recording) return item->state;
  // A file that cannot be looked at is still delivered as far as it can be read then.
  std::error_code unknown;
  const auto size = std::filesystem::file_size(recordings_.path(recording_name(id)), unknown);
  execute(database_, "UPDATE items SET duration = ?, flags = ?, size = ? WHERE seq = ?", heard.duration.count(),
          joined(both(item->flags, heard.flags)), unknown ? 0 : size, item->seq);
  let_go(*item, now);
  return State::ready;
}

State SqliteStore::missed(const ItemId& id, Timestamp now) {
  const auto item = find(id);
  if (!item) return State::delivered;
  if (item->state != State::recording) return item->state;
  execute(database_, "UPDATE items SET kind = 'missed', began = NULL WHERE seq = ?", item->seq);
  unlink_later(id);
  let_go(*item, now);
  return State::ready;
}

void SqliteStore::forget(const ItemId& id) {
  const auto item = find(id);
  if (!item || item->state != State::recording) return;  // what became ready is accepted: no way back
  unlink_later(id);
  remove_rows(*item);
}

void SqliteStore::let_go(const Row& item, Timestamp now) {
  execute(database_, "UPDATE recipients SET not_before = ? WHERE item = ? AND state = 'waiting'", now, item.seq);
  become(item, State::ready, std::nullopt);
}

}  // namespace sip2mail
