#include "gateway/queue/rows.hpp"

#include <stdexcept>

namespace sip2mail {
namespace {

[[noreturn]] void damaged(const std::string& what) {
  throw std::runtime_error{"the queue's database holds a value that is none of ours: " + what};
}

State state_of(const std::string& text) {
  const auto state = parse_state(text);
  if (!state) damaged(text);
  return *state;
}

Kind kind_of(const std::string& text) {
  const auto kind = parse_kind(text);
  if (!kind) damaged(text);
  return *kind;
}

RecipientState recipient_state_of(const std::string& text) {
  for (const auto state : {RecipientState::waiting, RecipientState::delivered, RecipientState::failed}) {
    if (text == to_text(state)) return state;
  }
  damaged(text);
}

std::vector<Recipient> load_recipients(Database& database, std::int64_t seq, const ItemId& item) {
  std::vector<Recipient> recipients;
  Query row{database,
            "SELECT n, address, state, form, tries, not_before, first_refusal, composed, code, reply, relay, fallback"
            " FROM recipients WHERE item = ? ORDER BY n",
            seq};
  while (row.next()) {
    Recipient& one = recipients.emplace_back();
    one.id = {item, static_cast<int>(row.number(0))};
    one.address = row.text(1);
    one.state = recipient_state_of(row.text(2));
    one.form = parse_form(row.text(3));
    one.tries = static_cast<int>(row.number(4));
    one.not_before = row.time_if_any(5);
    one.first_refusal = row.time_if_any(6);
    one.composed = row.time_if_any(7);
    one.code = static_cast<int>(row.number(8));
    one.reply = row.text(9);
    one.relay = row.text(10);
    one.fallback = row.number(11) != 0;
  }
  return recipients;
}

}  // namespace

Form parse_form(const std::string& text) {
  if (text == "whole") return Form::whole;
  if (text == "smaller") return Form::smaller;
  if (text == "no-audio") return Form::no_audio;
  damaged(text);
}

std::optional<ItemRow> find_item(Database& database, const ItemId& id) {
  Query row{database, "SELECT seq, state, content, kind FROM items WHERE id = ?", id};
  if (!row.next()) return std::nullopt;
  return ItemRow{row.number(0), state_of(row.text(1)), row.number(2) != 0, kind_of(row.text(3))};
}

std::optional<Item> load_item(Database& database, std::int64_t seq) {
  Item item;
  {
    Query row{database,
              "SELECT id, kind, state, mailbox, caller, caller_name, callee, call_id, reason, flags, received,"
              " sender_domain, began, settled, duration, size, content FROM items WHERE seq = ?",
              seq};
    if (!row.next()) return std::nullopt;
    Envelope& envelope = item.envelope;
    envelope.id = row.id(0);
    envelope.kind = kind_of(row.text(1));
    item.state = state_of(row.text(2));
    envelope.mailbox = row.text(3);
    envelope.caller = row.text(4);
    envelope.caller_name = row.text(5);
    envelope.callee = row.text(6);
    envelope.call_id = row.text(7);
    envelope.reason = row.text(8);
    envelope.flags = parse_flags(row.text(9));
    envelope.received = row.time(10);
    envelope.sender_domain = row.text(11);
    item.began = row.time_if_any(12);
    item.settled = row.time_if_any(13);
    if (!row.null(14)) item.duration = Delay{row.number(14)};
    item.size = static_cast<std::uint64_t>(row.number(15));
    item.content = row.number(16) != 0;
  }
  item.recipients = load_recipients(database, seq, item.envelope.id);
  for (const Recipient& recipient : item.recipients) item.envelope.recipients.push_back(recipient.address);
  return item;
}

}  // namespace sip2mail
