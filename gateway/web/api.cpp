#include "gateway/web/api.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "gateway/web/item_json.hpp"
#include "gateway/web/refusal.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ApiAnswer to_answer(const Refusal& refusal) {
  Json body;
  body["error"] = refusal.error;
  body["detail"] = refusal.detail;
  return {refusal.status, "application/json", dump(body)};
}

ItemId id_of(const std::string& text) {
  const auto id = ItemId::parse(text);
  if (!id) throw Refusal{404, "not found", "\"" + printable(text, 100) + "\" is no id of an item"};
  return *id;
}

int limit_of(const std::string& text) {
  constexpr int most = 500;
  int limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc{} || end != text.data() + text.size() || limit < 1 || limit > most)
    throw Refusal{400, "bad request", "limit is a number from 1 to 500"};
  return limit;
}

Filter filter_of(const std::map<std::string, std::string>& query) {
  Filter filter;
  filter.states = states_of({"all"});
  filter.newest_first = true;
  filter.limit = 50;
  for (const auto& [name, value] : query) {
    if (name == "state") {
      filter.states = states_of(split_list(value));
    } else if (name == "mailbox") {
      filter.mailbox = value;
    } else if (name == "kind") {
      filter.kind = parse_kind(value);
      if (!filter.kind) throw Refusal{400, "bad request", "no kind \"" + printable(value, 100) + "\""};
    } else if (name == "q") {
      filter.text = value;
    } else if (name == "limit") {
      filter.limit = limit_of(value);
    } else if (name == "after") {
      filter.after = ItemId::parse(value);
      if (!filter.after) throw Refusal{400, "bad request", "after is the id of an item"};
    } else {
      throw Refusal{400, "bad request", "no filter \"" + printable(name, 100) + "\""};
    }
  }
  return filter;
}

}  // namespace

std::vector<State> states_of(const std::vector<std::string>& words) {
  constexpr std::array all{State::recording, State::held, State::ready, State::failed, State::delivered};
  std::vector<State> states;
  for (const std::string& word : words) {
    if (word == "all") return {all.begin(), all.end()};
    const auto state = parse_state(word);
    if (!state) throw Refusal{400, "bad request", "no state \"" + printable(word, 100) + "\""};
    states.push_back(*state);
  }
  return states;
}

Api::Api(std::filesystem::path queue_directory, Writer& writer, const Health& health, MakeMail make_mail,
         Delivery delivery)
    : directory_{std::move(queue_directory)},
      writer_{writer},
      health_{health},
      make_mail_{std::move(make_mail)},
      delivery_{std::move(delivery)} {}

ApiAnswer Api::answer(const ApiRequest& request) const {
  try {
    return route(request);
  } catch (const Refusal& refusal) {
    return to_answer(refusal);
  } catch (const std::exception& failure) {
    return to_answer({500, "internal error", printable(failure.what())});
  }
}

ApiAnswer Api::route(const ApiRequest& request) const {
  constexpr std::string_view items = "/api/v1/items";
  const bool reads = request.method == "GET" || request.method == "HEAD";
  const bool posts = request.method == "POST";
  // A page of a stranger in the operator's browser must not change anything.
  if (!reads && !request.origin.empty()) throw Refusal{403, "forbidden", "a change from another origin"};
  if (reads && request.path == "/healthz") return {200, "application/json", R"({"alive":true})"};
  if (reads && request.path == "/readyz") return ready();
  if (reads && request.path == "/api/v1/relay") return relays();
  if (reads && request.path == items) return list(request);
  if (request.path.starts_with(std::string{items} + "/")) {
    const std::string rest = request.path.substr(items.size() + 1);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string first = rest.substr(0, slash);
    const std::string verb = rest.substr(std::min(slash + 1, rest.size()));
    if (posts) {
      const auto deed = parse_deed(verb.empty() ? first : verb);
      if (deed && verb.empty()) return change_many(*deed, request.body);
      if (deed && *deed != Deed::remove) return change_one(*deed, id_of(first), request.body);
    }
    if (request.method == "DELETE" && verb.empty()) return change_one(Deed::remove, id_of(first), {});
    if (reads && (verb.empty() || verb == "eml" || verb == "audio")) return one(request, id_of(first), verb);
  }
  throw Refusal{404, "not found", request.method + " " + printable(request.path, 200) + " is nothing that we know"};
}

ApiAnswer Api::ready() const {
  Json body;
  const auto reasons = health_.reasons();
  body["ready"] = reasons.empty();
  if (!reasons.empty()) body["reasons"] = reasons;
  return {reasons.empty() ? 200 : 503, "application/json", dump(body)};
}

ApiAnswer Api::relays() const {
  Json body;
  body["items"] = Json::array();
  for (const RelayStatus& relay : delivery_.relays ? delivery_.relays() : std::vector<RelayStatus>{}) {
    Json one;
    one["name"] = relay.name;
    one["url"] = relay.url;
    one["up"] = relay.up;
    one["configuration"] = relay.configuration;
    const bool troubled = !relay.up || !relay.reply.empty();
    one["since"] = troubled ? Json(to_utc(relay.since)) : Json{};
    one["reply"] = troubled ? Json(relay.reply) : Json{};
    body["items"].push_back(std::move(one));
  }
  body["next"] = nullptr;
  return {200, "application/json", dump(body)};
}

ApiAnswer Api::list(const ApiRequest& request) const {
  Filter filter = filter_of(request.query);
  const auto limit = static_cast<std::size_t>(filter.limit++);  // one more tells whether there is a next page
  std::vector<Item> found = Reader{directory_}.list(filter);
  const bool more = found.size() > limit;
  if (more) found.resize(limit);
  std::string body = "{\"items\":[";
  for (const Item& item : found) body += (body.back() == '[' ? "" : ",") + item_json(item);
  body += "],\"next\":" + (more ? "\"" + found.back().envelope.id.text() + "\"" : std::string{"null"}) + "}";
  return {200, "application/json", std::move(body)};
}

ApiAnswer Api::one(const ApiRequest& request, const ItemId& id, const std::string& verb) const {
  const Reader reader{directory_};
  const auto item = reader.show(id);
  if (!item) throw Refusal{404, "not found", "no item " + id.text()};
  if (verb == "eml") return mail(*item, reader, request);
  if (verb == "audio") return audio(*item, reader);
  return {200, "application/json", item_json(*item, reader.history(id))};
}

ApiAnswer Api::audio(const Item& item, const Reader& reader) const {
  if (item.state == State::recording) throw Refusal{409, "conflict", "it is still recorded"};
  if (!item.content) throw Refusal{409, "conflict", "its content was erased"};
  const auto content = reader.content(item.envelope.id);
  if (!content || !content->recording) throw Refusal{404, "not found", "it has no recording"};
  return {200, "audio/wav", {}, content->recording};
}

ApiAnswer Api::mail(const Item& item, const Reader& reader, const ApiRequest& request) const {
  if (item.state == State::recording) throw Refusal{409, "conflict", "it is still recorded"};
  const auto content = item.content ? reader.content(item.envelope.id) : std::nullopt;
  if (!content) throw Refusal{409, "conflict", "its content was erased"};
  const auto to = request.query.find("to");
  const auto recipient = std::find_if(item.recipients.begin(), item.recipients.end(), [&](const Recipient& each) {
    return to == request.query.end() || equal_ignoring_case(each.address, to->second);
  });
  if (recipient == item.recipients.end()) throw Refusal{404, "not found", "no such recipient"};
  return {200, "message/rfc822", make_mail_(item, *recipient, *content)};
}

}  // namespace sip2mail
