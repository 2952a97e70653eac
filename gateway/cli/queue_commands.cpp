#include <fcntl.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "gateway/base/files.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/cli/control_client.hpp"
#include "gateway/cli/item_text.hpp"
#include "gateway/cli/queue_access.hpp"
#include "gateway/web/item_json.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::array kKinds{Kind::voicemail, Kind::text, Kind::missed, Kind::transcript, Kind::alert, Kind::test};

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

Reader queue_that_is_there(const Settings& settings) {
  auto reader = open_queue(settings);
  if (!reader) throw CommandFailure{Exit::data, "no queue in " + settings.queue.directory.string() + " yet"};
  return std::move(*reader);
}

// To -o FILE, which is written anew, or to standard output.
void deliver(const std::string& bytes, const Arguments& arguments, const Program& program) {
  if (arguments.output.empty() || arguments.output == "-") {
    program.io.out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return;
  }
  Fd file;
  try {
    file = open_file(arguments.output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  } catch (const std::system_error& error) {
    throw CommandFailure{Exit::cannot_create, error.what()};
  }
  try {
    write_all(file.get(), bytes, arguments.output);
  } catch (const std::system_error& error) {
    throw CommandFailure{Exit::io, error.what()};
  }
}

StoredContent content_of(const Reader& reader, const Item& item) {
  const std::string id = item.envelope.id.text();
  if (item.state == State::recording) throw CommandFailure{Exit::data, id + " is still recorded"};
  auto content = item.content ? reader.content(item.envelope.id) : std::nullopt;
  if (!content) throw CommandFailure{Exit::data, "the content of " + id + " was erased"};
  return std::move(*content);
}

// Why all of it waits, in the relay's own words: its items were refused nothing yet.
void tell_of_relays(const std::filesystem::path& directory, std::ostream& err) {
  try {
    const auto answer = ask_gateway(directory, {"GET", "/api/v1/relay", {}, {}, {}});
    if (!answer || answer->status != 200) return;
    const auto body = nlohmann::json::parse(answer->body, nullptr, false);
    if (!body.is_object()) return;
    for (const auto& relay : body.value("items", nlohmann::json::array())) {
      const bool up = relay.value("up", true);
      if (up && relay.value("reply", nlohmann::json{}).is_null()) continue;
      err << "sip2mail: mail server " << printable(relay.value("name", ""))
          << (up ? " takes mail slowly since " : " is down since ") << relay.value("since", "") << ": "
          << printable(relay.value("reply", "")) << '\n';
    }
  } catch (const std::exception&) {  // the list is what was asked for
  }
}

}  // namespace

Exit queue_list(const Arguments& arguments, const Program& program) {
  Filter filter = filter_of(arguments);
  const Settings settings = load_config(arguments, program).settings;
  const auto reader = queue_or_words(settings, program);
  if (!reader) return Exit::ok;
  bool waits = false;
  Table table = item_table();
  for (;;) {
    const std::vector<Item> page = reader->list(filter);
    for (const Item& item : page) {
      waits = waits || item.state == State::ready;
      if (arguments.has("json")) {
        program.io.out << item_json(item) << '\n';
      } else {
        table.add(item_row(item, program.io.terminal));
      }
    }
    table.print(program.io.out, program.io.terminal);
    if (!program.io.out || page.size() < static_cast<std::size_t>(filter.limit)) break;
    filter.after = page.back().envelope.id;
  }
  if (waits) tell_of_relays(settings.queue.directory, program.io.err);
  return Exit::ok;
}

Exit queue_show(const Arguments& arguments, const Program& program) {
  const Reader reader = queue_that_is_there(load_config(arguments, program).settings);
  const Item item = show_item(reader, arguments.words.at(0));
  const auto history = reader.history(item.envelope.id);
  program.io.out << (arguments.has("json") ? item_json(item, history) + "\n" : item_text(item, history));
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
  if (program.io.terminal && arguments.output.empty())
    throw CommandFailure{Exit::usage, "a recording is nothing for a terminal: give -o FILE, or a pipe"};
  const Reader reader = queue_that_is_there(load_config(arguments, program).settings);
  const Item item = show_item(reader, arguments.words.at(0));
  const std::string id = item.envelope.id.text();
  if (item.envelope.kind != Kind::voicemail) throw CommandFailure{Exit::data, id + " has no recording"};
  const StoredContent content = content_of(reader, item);
  if (!content.recording) throw CommandFailure{Exit::io, "the recording of " + id + " is missing on the disk"};
  deliver(read_file(*content.recording, most), arguments, program);
  return Exit::ok;
}

}  // namespace sip2mail
