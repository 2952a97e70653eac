#include <array>
#include <nlohmann/json.hpp>
#include <ostream>

#include "gateway/cli/command.hpp"
#include "gateway/cli/control_client.hpp"
#include "gateway/cli/manual.hpp"
#include "gateway/config/reference.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kAny = 1'000'000;

const std::vector<Command>& table() {
  static const std::vector<Command> kCommands{
      {"serve", "", "runs the gateway", {}, 0, 0, nullptr},
      {"config check", "", "reads the configuration and says what is wrong", {}, 0, 0, config_check_command},
      {"config show", "", "every value in force, and where it came from", {}, 0, 0, config_show_command},
      {"config reference",
       "[--format sample|man]",
       "every option with its default and meaning: a file to begin with, or the manual page",
       {"format"},
       0,
       0,
       config_reference_command},
      {"queue list",
       "[--state STATE,…|all] [--mailbox ID] [--kind KIND] [--json]",
       "what is in the queue, oldest first; without --state all but delivered",
       {"state", "mailbox", "kind", "json"},
       0,
       0,
       queue_list},
      {"queue show", "ID [--json]", "one item, and what the relay said", {"json"}, 1, 1, queue_show},
      {"queue export",
       "ID [--to ADDRESS] [-o FILE]",
       "its mail, as it would be sent",
       {"to", "output"},
       1,
       1,
       queue_export},
      {"queue audio", "ID [-o FILE]", "its recording, as it came", {"output"}, 1, 1, queue_audio},
      {"queue retry",
       "ID…|-|--all [--state STATE,…] [--to ADDRESS]",
       "sends now what was not delivered; --to replaces the failed recipients",
       {"all", "state", "to"},
       0,
       kAny,
       queue_retry},
      {"queue hold", "ID…|-|--all", "sends nothing of it until it is released", {"all"}, 0, kAny, queue_hold},
      {"queue release", "ID…|-|--all", "sends what was held", {"all"}, 0, kAny, queue_release},
      {"queue delete",
       "ID…|-|--all [--state STATE,…]",
       "removes it with its content, delivered or not",
       {"all", "state"},
       0,
       kAny,
       queue_delete},
      {"explain", "[FILE]", "which mailbox an INVITE or MESSAGE goes to, and why", {}, 0, 1, explain_command},
      {"call",
       "URI --audio FILE [--from URI] [--diversion URI]…",
       "leaves a real voicemail at any SIP address, and says what happened",
       {"audio", "from", "diversion"},
       1,
       1,
       call_command},
      {"message", "URI TEXT [--from URI]", "sends a text to any SIP address", {"from"}, 2, kAny, message_command},
      {"health", "[--ready]", "does the gateway live? is it ready for calls?", {"ready"}, 0, 0, health_command},
      {"version", "", "of the program and its libraries", {}, 0, 0, version_command},
  };
  return kCommands;
}

}  // namespace

std::span<const Command> commands() {
  return table();
}

Loaded read_config(const Arguments& arguments, const Program& program) {
  ConfigSources sources{{}, program.default_files, arguments.set, program.environment};
  if (arguments.config) sources.file = *arguments.config;
  return load(sources, program.machine);
}

Loaded load_config(const Arguments& arguments, const Program& program) {
  Loaded loaded = read_config(arguments, program);
  if (loaded.errors.empty()) return loaded;
  for (const std::string& error : loaded.errors) program.io.err << error << '\n';
  const std::size_t count = loaded.errors.size();
  throw CommandFailure{Exit::config,
                       "the configuration has " + std::to_string(count) + " error" + (count == 1 ? "" : "s")};
}

Exit config_check_command(const Arguments& arguments, const Program& program) {
  const Loaded loaded = load_config(arguments, program);
  for (const std::string& warning : loaded.warnings) program.io.err << "warning: " << warning << '\n';
  const Settings& settings = loaded.settings;
  if (!settings.relay_is_set)  // `serve` says it in its log, every hour
    program.io.err << "warning: relay.url: not set: mail goes to the Maildir " << settings.relays.front().url.substr(8)
                   << " and nowhere else\n";
  const std::size_t count = settings.mailboxes.size();
  program.io.out << "ok: " << count << " mailbox" << (count == 1 ? "" : "es") << ", mail from " << settings.mail.from
                 << " to " << settings.relays.front().url << ", queue in " << settings.queue.directory.string() << '\n';
  return Exit::ok;
}

Exit config_show_command(const Arguments& arguments, const Program& program) {
  program.io.out << config_show(load_config(arguments, program));
  return Exit::ok;
}

Exit config_reference_command(const Arguments& arguments, const Program& program) {
  if (arguments.has("format") && arguments.format != "sample" && arguments.format != "man")
    throw CommandFailure{Exit::usage, "no format \"" + printable(arguments.format, 100) + "\"" +
                                          did_you_mean(arguments.format, {"sample", "man"})};
  program.io.out << (arguments.format == "man" ? manual_page() : config_reference());
  return Exit::ok;
}

Exit health_command(const Arguments& arguments, const Program& program) {
  std::ostream& out = program.io.out;
  const auto unwell = [&](const std::string& why) {
    out << why << '\n';
    return Exit::unwell;
  };
  try {
    const Settings settings = load_config(arguments, program).settings;
    const bool ready = arguments.has("ready");
    const auto answer = ask_gateway(settings.queue.directory, {"GET", ready ? "/readyz" : "/healthz", {}, {}, {}});
    if (!answer) return unwell("no gateway runs on " + settings.queue.directory.string());
    if (answer->status == 200) {
      out << (ready ? "ready" : "alive") << '\n';
      return Exit::ok;
    }
    const auto body = nlohmann::json::parse(answer->body, nullptr, false);
    if (!body.is_object() || !body.contains("reasons")) return unwell(detail_of(*answer));
    for (const auto& reason : body["reasons"]) out << printable(reason.get<std::string>()) << '\n';
    return Exit::unwell;
  } catch (const CommandFailure& failure) {  // a check of health knows only well and unwell
    return unwell(failure.what());
  }
}

Exit version_command(const Arguments&, const Program& program) {
  program.io.out << "sip2mail " << SIP2MAIL_VERSION << '\n' << SIP2MAIL_LIBRARIES << '\n';
  return Exit::ok;
}

}  // namespace sip2mail
