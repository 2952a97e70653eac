#include "gateway/cli/queue_access.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <system_error>

#include "gateway/cli/control_client.hpp"
#include "gateway/web/server.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

Exit status_of(int http) {
  switch (http) {
    case 400:
    case 404:
    case 409:
      return Exit::data;
    case 401:
    case 403:
      return Exit::refused;
    case 503:
      return Exit::try_later;
    default:
      return Exit::io;
  }
}

constexpr std::array kStates{State::recording, State::held, State::ready, State::failed, State::delivered};

}  // namespace

std::vector<State> parse_states(const std::string& text) {
  std::vector<std::string> known{"all"};
  for (const State state : kStates) known.emplace_back(to_text(state));
  std::vector<State> states;
  for (const std::string& word : split_list(text)) {
    if (word == "all") return {kStates.begin(), kStates.end()};
    const auto state = parse_state(word);
    if (!state)
      throw CommandFailure{Exit::usage, "no state \"" + printable(word, 100) + "\"" + did_you_mean(word, known)};
    states.push_back(*state);
  }
  return states;
}

std::optional<Reader> open_queue(const Settings& settings) {
  try {
    return Reader{settings.queue.directory};
  } catch (const std::system_error& error) {
    if (error.code() == std::errc::no_such_file_or_directory) return std::nullopt;
    throw;
  }
}

std::optional<Reader> queue_or_words(const Settings& settings, const Program& program) {
  auto reader = open_queue(settings);
  if (!reader) program.io.err << "sip2mail: no queue in " << settings.queue.directory.string() << " yet\n";
  return reader;
}

ItemId find_item(const Reader& reader, const std::string& text) {
  const std::string shown = "\"" + printable(text, 100) + "\"";
  std::string end = text;
  std::transform(end.begin(), end.end(), end.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (end.empty() || end.size() > 26 || end.find_first_not_of("0123456789ABCDEFGHJKMNPQRSTVWXYZ") != std::string::npos)
    throw CommandFailure{Exit::data, shown + " is no id of an item, nor the end of one"};
  const std::vector<ItemId> found = reader.ending(end);
  if (found.empty()) throw CommandFailure{Exit::data, "no item " + (end.size() == 26 ? end : "ends with " + shown)};
  if (found.size() > 1)
    throw CommandFailure{Exit::data, shown + " is the end of more than one id, like " + found[0].text() + " and " +
                                         found[1].text() + ": give more of it"};
  return found[0];
}

Item show_item(const Reader& reader, const std::string& text) {
  auto item = reader.show(find_item(reader, text));
  if (!item) throw CommandFailure{Exit::data, "no item " + printable(text, 100)};  // swept in this moment
  return std::move(*item);
}

struct QueueChanger::InProcess {
  InProcess(const std::filesystem::path& directory, Delay min_length)
      : writer{{directory, {.min_length = min_length}}, health, log}, api{directory, writer, health, {}} {}

  Health health;
  Log log{LogFormat::text, Level::warning, LogTo::standard_error};
  Writer writer;
  Api api;
};

QueueChanger::QueueChanger(const Settings& settings)
    : directory_{settings.queue.directory}, min_length_{settings.call.min_length} {}
QueueChanger::~QueueChanger() = default;

ApiAnswer QueueChanger::ask(const ApiRequest& request) {
  std::optional<ApiAnswer> answer = in_process_ ? std::nullopt : ask_gateway(directory_, request);
  if (!answer) {
    try {
      if (!in_process_) in_process_ = std::make_unique<InProcess>(directory_, min_length_);
    } catch (const QueueBusy&) {
      // It starts or stops, or it hangs: either way it owns the queue.
      throw CommandFailure{Exit::unavailable, "a gateway has the queue " + directory_.string() +
                                                  " but does not answer on its control socket; try again later"};
    }
    answer = in_process_->api.answer(request);
  }
  if (answer->status != 200) throw CommandFailure{status_of(answer->status), detail_of(*answer)};
  return std::move(*answer);
}

}  // namespace sip2mail
