#include <algorithm>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "gateway/cli/command.hpp"
#include "gateway/cli/queue_access.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

using Json = nlohmann::json;

struct Verb {
  std::string_view path;   // of the API
  std::string_view done;   // what the items are then
  std::vector<State> all;  // whom --all means
};

std::string id_in(const std::string& line) {
  if (line.starts_with('{')) {
    const Json item = Json::parse(line, nullptr, false);
    return item.is_object() && item.contains("id") && item["id"].is_string() ? item["id"].get<std::string>() : line;
  }
  std::string id;
  std::istringstream{line} >> id;
  return id == "ID" ? "" : id;
}

// The ids on the command line; with "-" those on standard input, the first word of each line or the "id" of its object,
// so that the output of `queue list` can be piped in.
std::vector<std::string> ids_of(const Arguments& arguments, const Program& program) {
  if (arguments.words != std::vector<std::string>{"-"}) return arguments.words;
  std::vector<std::string> ids;
  for (std::string line; std::getline(program.io.in, line);) {
    if (std::string id = id_in(line); !id.empty()) ids.push_back(std::move(id));
  }
  return ids;
}

std::vector<State> states_meant(const Verb& verb, const Arguments& arguments, const Settings& settings) {
  if (arguments.state.empty()) return verb.all;
  std::vector<State> states = parse_states(arguments.state);
  const bool again = std::find(states.begin(), states.end(), State::delivered) != states.end();
  if (again && verb.path == "retry" && !settings.relay_is_set)
    throw CommandFailure{Exit::data, "relay.url is not set: what the built-in Maildir took would only go there again"};
  return states;
}

std::int64_t change_all(QueueChanger& queue, const Verb& verb, const std::vector<State>& states, Json body) {
  for (const State state : states) body["states"].push_back(to_text(state));
  const auto answer =
      Json::parse(queue.ask({"POST", "/api/v1/items/" + std::string{verb.path}, {}, body.dump(), {}}).body);
  return answer.begin().value().get<std::int64_t>();
}

void change_one(QueueChanger& queue, const Verb& verb, const ItemId& id, const Json& body) {
  const std::string path = "/api/v1/items/" + id.text();
  if (verb.path == "delete") {
    std::ignore = queue.ask({"DELETE", path, {}, {}, {}});
  } else {
    std::ignore = queue.ask({"POST", path + "/" + std::string{verb.path}, {}, body.empty() ? "" : body.dump(), {}});
  }
}

Exit change(const Verb& verb, const Arguments& arguments, const Program& program) {
  const std::string name = "queue " + std::string{verb.path};
  if (arguments.has("all") != arguments.words.empty())
    throw CommandFailure{Exit::usage, name + " wants ids, - for ids on standard input, or --all"};
  if (arguments.has("state") && !arguments.has("all"))
    throw CommandFailure{Exit::usage, name + " takes --state only with --all"};
  Json body = Json::object();
  if (arguments.has("to")) body["to"] = split_list(arguments.to);
  const Settings settings = load_config(arguments, program).settings;
  const auto states = states_meant(verb, arguments, settings);
  const auto reader = queue_or_words(settings, program);
  if (!reader) return arguments.has("all") ? Exit::ok : Exit::data;
  QueueChanger queue{settings};
  std::int64_t count = arguments.has("all") ? change_all(queue, verb, states, body) : 0;
  Exit status = Exit::ok;
  for (const std::string& text : ids_of(arguments, program)) {
    try {
      change_one(queue, verb, find_item(*reader, text), body);
      ++count;
    } catch (const CommandFailure& failure) {
      if (failure.status != Exit::data) throw;
      program.io.err << "sip2mail: " << printable(text, 100) << ": " << failure.what() << '\n';  // the others go on
      status = failure.status;
    }
  }
  if (count > 0) program.io.out << count << (count == 1 ? " item is " : " items are ") << verb.done << '\n';
  return status;
}

}  // namespace

Exit queue_retry(const Arguments& arguments, const Program& program) {
  return change({"retry", "tried again", {State::ready, State::failed}}, arguments, program);
}

Exit queue_hold(const Arguments& arguments, const Program& program) {
  return change({"hold", "held", {State::ready}}, arguments, program);
}

Exit queue_release(const Arguments& arguments, const Program& program) {
  return change({"release", "released", {State::held}}, arguments, program);
}

// --all is what `queue list` shows: the facts of what is delivered go by themselves.
Exit queue_delete(const Arguments& arguments, const Program& program) {
  return change({"delete", "deleted", {State::held, State::ready, State::failed}}, arguments, program);
}

}  // namespace sip2mail
