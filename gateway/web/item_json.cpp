#include "gateway/web/item_json.hpp"

#include <nlohmann/json.hpp>

namespace sip2mail {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) {
  return text.empty() ? Json{} : Json(text);
}
Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(to_utc(*time)) : Json{};
}

Json recipient_object(const Recipient& recipient) {
  Json object;
  object["address"] = recipient.address;
  object["state"] = to_text(recipient.state);
  object["tries"] = recipient.tries;
  object["next_try"] = recipient.state == RecipientState::waiting ? time_or_null(recipient.not_before) : Json{};
  object["code"] = recipient.code == 0 ? Json{} : Json(recipient.code);
  object["reply"] = text_or_null(recipient.reply);
  object["relay"] = text_or_null(recipient.relay);
  return object;
}

Json past_object(const PastTry& past) {
  Json object;
  object["at"] = to_utc(past.at);
  object["address"] = text_or_null(past.address);
  object["verdict"] = past.verdict;
  object["code"] = past.code == 0 ? Json{} : Json(past.code);
  object["reply"] = text_or_null(past.reply);
  object["relay"] = text_or_null(past.relay);
  return object;
}

Json item_object(const Item& item) {
  const Envelope& envelope = item.envelope;
  Json object;
  object["id"] = envelope.id.view();
  object["kind"] = to_text(envelope.kind);
  object["state"] = to_text(item.state);
  object["mailbox"] = envelope.mailbox;
  object["caller"] = envelope.caller;
  object["caller_name"] = envelope.caller_name;
  object["callee"] = envelope.callee;
  object["call_id"] = envelope.call_id;
  object["received"] = to_utc(envelope.received);
  object["duration"] = item.duration ? Json(std::chrono::ceil<std::chrono::seconds>(*item.duration).count()) : Json{};
  object["reason"] = text_or_null(envelope.reason);
  object["flags"] = to_texts(envelope.flags);
  object["size"] = item.size;
  object["recipients"] = Json::array();
  for (const Recipient& recipient : item.recipients) object["recipients"].push_back(recipient_object(recipient));
  object["content"] = item.content;
  object["settled"] = time_or_null(item.settled);
  return object;
}

std::string dump(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string item_json(const Item& item) {
  return dump(item_object(item));
}

std::string item_json(const Item& item, const std::vector<PastTry>& history) {
  Json object = item_object(item);
  object["history"] = Json::array();
  for (const PastTry& past : history) object["history"].push_back(past_object(past));
  return dump(object);
}

}  // namespace sip2mail
