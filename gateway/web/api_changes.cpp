#include <algorithm>
#include <array>
#include <future>
#include <nlohmann/json.hpp>

#include "gateway/base/clock.hpp"
#include "gateway/config/values.hpp"
#include "gateway/web/api.hpp"
#include "gateway/web/item_json.hpp"
#include "gateway/web/refusal.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

using Json = nlohmann::ordered_json;

// The word of the path, and that of an answer about many.
struct DeedWords {
  std::string_view path;
  std::string_view done;
};
constexpr std::array<DeedWords, 4> kDeeds{
    {{"retry", "retried"}, {"hold", "held"}, {"release", "released"}, {"delete", "deleted"}}};

std::vector<std::string> words_of(const Json& list, const std::string& name) {
  std::vector<std::string> words;
  if (!list.is_array()) throw Refusal{400, "bad request", name + " is a list"};
  for (const Json& word : list) words.push_back(word.is_string() ? word.get<std::string>() : "");
  if (words.empty()) throw Refusal{400, "bad request", name + " has at least one entry"};
  return words;
}

std::vector<std::string> addresses_of(const Json& list) {
  std::vector<std::string> addresses;
  try {
    for (const std::string& word : words_of(list, "to")) addresses.push_back(parse_address(word));
  } catch (const BadValue& bad) {
    throw Refusal{400, "bad request", std::string{"to: "} + bad.what()};
  }
  return addresses;
}

// {"states":[…]} of many, {"to":[…]} of retry.
struct Wish {
  std::vector<State> states;
  std::vector<std::string> to;
};
Wish wish_of(const std::string& body, bool many, Deed deed) {
  Wish wish;
  if (body.empty() && !many) return wish;
  const Json json = Json::parse(body, nullptr, false);
  if (!json.is_object()) throw Refusal{400, "bad request", R"(the body is an object like {"states":["failed"]})"};
  for (const auto& [name, value] : json.items()) {
    if (name == "states" && many) {
      wish.states = states_of(words_of(value, name));
    } else if (name == "to" && deed == Deed::retry) {
      wish.to = addresses_of(value);
    } else {
      throw Refusal{400, "bad request", "nothing is known of \"" + printable(name, 100) + "\" here"};
    }
  }
  if (many && wish.states.empty()) throw Refusal{400, "bad request", "at least one state is needed"};
  return wish;
}

// Why it cannot be done to this item, or "".
std::string obstacle(Deed deed, const Item& item, const std::vector<std::string>& to) {
  if (item.state == State::recording) return "it is still recorded";
  if (deed == Deed::remove) return {};
  const bool failed = std::any_of(item.recipients.begin(), item.recipients.end(),
                                  [](const Recipient& each) { return each.state == RecipientState::failed; });
  // Delivered to its fallback alone: whom it was meant for may still get it.
  if (item.state == State::delivered && !(deed == Deed::retry && failed)) return "it is delivered";
  if (deed == Deed::retry && !item.content) return "its content was erased";
  if (!to.empty() && !failed) return "none of its recipients failed";
  if (deed != Deed::retry && item.state == State::failed) return "it failed: nothing of it waits";
  return {};
}

}  // namespace

std::optional<Deed> parse_deed(std::string_view text) {
  for (std::size_t i = 0; i < kDeeds.size(); ++i) {
    if (kDeeds[i].path == text) return static_cast<Deed>(i);
  }
  return std::nullopt;
}

ApiAnswer Api::change_one(Deed deed, const ItemId& id, const std::string& body) const {
  const Wish wish = wish_of(body, false, deed);
  const Reader reader{directory_};
  const auto check = [&](const std::optional<Item>& item) {
    if (!item) throw Refusal{404, "not found", "no item " + id.text()};
    if (const std::string why = obstacle(deed, *item, wish.to); !why.empty()) throw Refusal{409, "conflict", why};
  };
  const auto before = reader.show(id);
  check(before);
  const int count = change(deed, {{id}, {}}, wish.to);
  if (deed == Deed::remove && count > 0) return {200, "application/json", item_json(*before)};
  const auto after = reader.show(id);
  if (count == 0) check(after);  // it changed meanwhile; or it is already as it was wished
  return {200, "application/json", item_json(after ? *after : *before)};
}

ApiAnswer Api::change_many(Deed deed, const std::string& body) const {
  const Wish wish = wish_of(body, true, deed);
  Json answer;
  answer[std::string{kDeeds[static_cast<std::size_t>(deed)].done}] = change(deed, {{}, wish.states}, wish.to);
  return {200, "application/json", answer.dump()};
}

int Api::change(Deed deed, const Selection& selection, const std::vector<std::string>& to) const {
  constexpr int most = 500;  // a million rows in one transaction would stall those who wait for a 202
  const Timestamp when = utc_now();
  const auto verb = [deed, selection, to, when](Store& store) {
    switch (deed) {
      case Deed::retry:
        return to.empty() ? store.retry(selection, when, most) : store.redirect(selection, to, when, most);
      case Deed::hold:
        return store.hold(selection, most);
      case Deed::release:
        return store.release(selection, when, most);
      case Deed::remove:
        return store.remove(selection, most);
    }
    return 0;
  };
  int all = 0;
  for (;;) {
    // Shared: the answer may come after we stopped waiting for it.
    const auto done = std::make_shared<std::promise<std::variant<int, Refused>>>();
    auto result = done->get_future();
    writer_.submit(verb, [done](std::variant<int, Refused> committed) { done->set_value(std::move(committed)); });
    if (result.wait_for(10s) != std::future_status::ready)
      throw Refusal{503, "unavailable", "the queue's disk does not answer; it may be done later"};
    const auto committed = result.get();
    if (const auto* refused = std::get_if<Refused>(&committed)) throw Refusal{503, "unavailable", refused->why};
    const int count = std::get<int>(committed);
    all += count;
    if (count == 0 || !selection.ids.empty()) break;
  }
  // Also where nothing had to be changed: what waits for the relay is due as it is.
  if (deed == Deed::retry && delivery_.ask_now) delivery_.ask_now();
  return all;
}

}  // namespace sip2mail
