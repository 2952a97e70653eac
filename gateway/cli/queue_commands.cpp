#include <fcntl.h>

#include <algorithm>
#include <array>
#include <istream>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "gateway/base/files.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/cli/item_text.hpp"
#include "gateway/cli/queue_access.hpp"
#include "gateway/web/item_json.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::array kStates{State::recording, State::held, State::ready, State::failed, State::delivered};
constexpr std::array kKinds{Kind::voicemail, Kind::text, Kind::missed, Kind::transcript, Kind::alert, Kind::test};

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

Filter filter_of(const Arguments& arguments) {
  Filter filter;
  filter.states = parse_states(arguments.state);
  filter.mailbox = arguments.mailbox;
  if (arguments.kind) {
    std::vector<std::string> known;
    for (const Kind kind : kKinds) known.emplace_back(to_text(kind));
    filter.kind = parse_kind(*arguments.kind);
    if (!filter.kind)
      throw CommandFailure{
          Exit::usage, "no kind \"" + printable(*arguments.kind, 100) + "\"" + did_you_mean(*arguments.kind, known)};
  }
  return filter;
}

std::optional<Reader> queue_or_words(const Settings& settings, const Program& program) {
  auto reader = open_queue(settings);
  if (!reader) program.io.err << "sip2mail: no queue in " << settings.queue.directory.string() << " yet\n";
  return reader;
}

Reader queue_that_is_there(const Settings& settings) {
  auto reader = open_queue(settings);
  if (!reader) throw CommandFailure{Exit::data, "no queue in " + settings.queue.directory.string() + " yet"};
  return std::move(*reader);
}

// To -o FILE, which must not be there yet, or standard output.
void deliver(const std::string& bytes, const Arguments& arguments, const Program& program) {
  if (arguments.output.empty()) {
    program.io.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return;
  }
  try {
    const Fd file = open_file(arguments.output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    write_all(file.get(), bytes, arguments.output);
  } catch (const std::system_error& error) {
    throw CommandFailure{Exit::cannot_create, error.what()};
  }
}

StoredContent content_of(const Reader& reader, const Item& item) {
  const std::string id = item.envelope.id.text();
  if (item.state == State::recording) throw CommandFailure{Exit::data, id + " is still recorded"};
  auto content = item.content ? reader.content(item.envelope.id) : std::nullopt;
  if (!content) throw CommandFailure{Exit::data, "the content of " + id + " was erased"};
  return std::move(*content);
}

// The ids on the command line; with "-" those on standard input, the first word of each line, so that the output of
// `queue list` can be piped in.
std::vector<std::string> ids_of(const Arguments& arguments, const Program& program) {
  if (arguments.words != std::vector<std::string>{"-"}) return arguments.words;
  std::vector<std::string> ids;
  for (std::string line; std::getline(program.io.in, line);) {
    std::istringstream words{line};
    std::string id;
    if (words >> id && id != "ID") ids.push_back(id);
  }
  return ids;
}

}  // namespace

Exit queue_list(const Arguments& arguments, const Program& program) {
  Filter filter = filter_of(arguments);
  const auto reader = queue_or_words(load_config(arguments, program).settings, program);
  if (!reader) return Exit::ok;
  Table table = item_table();
  for (;;) {
    const std::vector<Item> page = reader->list(filter);
    for (const Item& item : page) {
      if (arguments.has("json")) {
        program.io.out << item_json(item) << '\n';
      } else {
        table.add(item_row(item, program.io.terminal));
      }
    }
    table.print(program.io.out, program.io.terminal);
    if (!program.io.out || page.size() < static_cast<std::size_t>(filter.limit)) return Exit::ok;
    filter.after = page.back().envelope.id;
  }
}

Exit queue_show(const Arguments& arguments, const Program& program) {
  const Reader reader = queue_that_is_there(load_config(arguments, program).settings);
  const Item item = show_item(reader, arguments.words.at(0));
  program.io.out << (arguments.has("json") ? item_json(item) + "\n" : item_text(item));
  return Exit::ok;
}

Exit queue_export(const Arguments& arguments, const Program& program) {
  const Settings settings = load_config(arguments, program).settings;
  const Reader reader = queue_that_is_there(settings);
  const Item item = show_item(reader, arguments.words.at(0));
  const auto recipient = std::find_if(item.recipients.begin(), item.recipients.end(), [&](const Recipient& each) {
    return arguments.to.empty() || equal_ignoring_case(each.address, arguments.to);
  });
  if (recipient == item.recipients.end()) {
    std::vector<std::string> addresses;
    for (const Recipient& each : item.recipients) addresses.push_back(each.address);
    throw CommandFailure{Exit::data, item.envelope.id.text() + " has no recipient " + printable(arguments.to, 300) +
                                         did_you_mean(arguments.to, addresses)};
  }
  deliver(program.make_mail(settings, item, *recipient, content_of(reader, item)), arguments, program);
  return Exit::ok;
}

Exit queue_audio(const Arguments& arguments, const Program& program) {
  constexpr std::size_t most = std::size_t{4} << 30;  // a WAV file has no more
  const Reader reader = queue_that_is_there(load_config(arguments, program).settings);
  const Item item = show_item(reader, arguments.words.at(0));
  const StoredContent content = content_of(reader, item);
  if (!content.recording) throw CommandFailure{Exit::data, item.envelope.id.text() + " has no recording"};
  deliver(read_file(*content.recording, most), arguments, program);
  return Exit::ok;
}

Exit queue_retry(const Arguments& arguments, const Program& program) {
  if (arguments.has("all") != arguments.words.empty())
    throw CommandFailure{Exit::usage, "queue retry wants ids, - for ids on standard input, or --all"};
  const Settings settings = load_config(arguments, program).settings;
  const auto reader = queue_or_words(settings, program);
  if (!reader) return arguments.has("all") ? Exit::ok : Exit::data;
  QueueChanger queue{settings};
  std::int64_t count = 0;
  Exit status = Exit::ok;
  if (arguments.has("all")) {
    ApiRequest all{"POST", "/api/v1/items/retry", {}, R"({"states":["ready","failed"]})", {}};
    count = nlohmann::json::parse(queue.ask(all).body).at("retried").get<std::int64_t>();
  }
  for (const std::string& text : ids_of(arguments, program)) {
    try {
      const std::string path = "/api/v1/items/" + find_item(*reader, text).text() + "/retry";
      std::ignore = queue.ask({"POST", path, {}, {}, {}});
      ++count;
    } catch (const CommandFailure& failure) {
      if (failure.status != Exit::data) throw;
      program.io.err << "sip2mail: " << printable(text, 100) << ": " << failure.what() << '\n';  // the others go on
      status = failure.status;
    }
  }
  program.io.out << count << (count == 1 ? " item is tried again\n" : " items are tried again\n");
  return status;
}

}  // namespace sip2mail
