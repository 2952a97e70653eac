#include "gateway/cli/commands.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <system_error>

#include "gateway/cli/command.hpp"
#include "gateway/cli/output.hpp"
#include "gateway/queue/writer.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

void print_usage(std::ostream& out) {
  out << "usage: sip2mail COMMAND [--config FILE] [--set section.key=value]…\n\n";
  std::size_t widest = 0;
  const auto left = [](const Command& command) {
    return std::string{command.name} + (command.arguments.empty() ? "" : " ") + std::string{command.arguments};
  };
  for (const Command& command : commands()) widest = std::max(widest, display_width(left(command)));
  for (const Command& command : commands())
    out << "  " << left(command) << std::string(widest - display_width(left(command)) + 2, ' ') << command.meaning
        << '\n';
  out << "\nAn ID may be any end of one that is unambiguous.\n";
}

bool begins_with(const std::vector<std::string>& words, std::string_view name) {
  const std::vector<std::string> parts = split_list(name, ' ');
  return words.size() >= parts.size() && std::equal(parts.begin(), parts.end(), words.begin());
}

const Command& find_command(Arguments& arguments) {
  if (arguments.words.empty()) throw CommandFailure{Exit::usage, "no command; sip2mail help lists them"};
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    names.emplace_back(command.name);
    if (!begins_with(arguments.words, command.name)) continue;
    const auto count = split_list(command.name, ' ').size();
    arguments.words.erase(arguments.words.begin(), arguments.words.begin() + static_cast<std::ptrdiff_t>(count));
    return command;
  }
  std::string typed = arguments.words[0];
  const bool group =
      std::any_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(typed + " "); });
  if (arguments.words.size() > 1) typed += " " + arguments.words[1];
  std::string meant = did_you_mean(typed, names);
  if (meant.empty()) meant = did_you_mean(arguments.words[0], names);
  const std::string shown = group ? typed : arguments.words[0];
  throw CommandFailure{Exit::usage,
                       "no command " + printable(shown, 100) + (meant.empty() ? "; sip2mail help lists them" : meant)};
}

void check_fit(const Command& command, const Arguments& arguments) {
  const std::string usage = "usage: sip2mail " + std::string{command.name} +
                            (command.arguments.empty() ? "" : " " + std::string{command.arguments});
  for (const std::string& option : arguments.given) {
    const bool known = option == "config" || option == "set" ||
                       std::find(command.options.begin(), command.options.end(), option) != command.options.end();
    if (!known) throw CommandFailure{Exit::usage, std::string{command.name} + " takes no --" + option + "; " + usage};
  }
  if (arguments.words.size() < command.least_words || arguments.words.size() > command.most_words)
    throw CommandFailure{Exit::usage, usage};
}

// Before anything is made: a volume that belongs to somebody else is the first thing that goes wrong in a container, so
// the remedy stands with it.
void check_directory(const std::filesystem::path& directory) {
  std::filesystem::path there = directory;
  std::error_code error;
  while (!std::filesystem::exists(there, error) && there.has_relative_path()) there = there.parent_path();
  const bool is_directory = std::filesystem::is_directory(there, error);
  if (is_directory && ::access(there.c_str(), W_OK | X_OK) == 0) return;
  const std::error_code why{is_directory ? errno : ENOTDIR, std::generic_category()};
  const std::string user = std::to_string(::geteuid());
  std::string words = "cannot write in " + there.string() + ": " + why.message();
  if (why == std::errc::permission_denied) words += "; give it to us with: chown -R " + user + " " + there.string();
  throw CommandFailure{Exit::cannot_create, words + "; or set queue.directory to another one"};
}

int run(const std::vector<std::string>& words, const Program& program) {
  Arguments arguments = parse_arguments(words);
  const bool help = arguments.has("help") || (!arguments.words.empty() && arguments.words[0] == "help");
  if (help) {
    print_usage(program.io.out);
    return 0;
  }
  if (arguments.has("version")) return static_cast<int>(version_command(arguments, program));
  const Command& command = find_command(arguments);
  check_fit(command, arguments);
  if (command.run == nullptr) {  // serve
    const Loaded loaded = load_config(arguments, program);
    for (const std::string& warning : loaded.warnings) program.io.err << "sip2mail: warning: " << warning << '\n';
    program.io.err.flush();
    check_directory(loaded.settings.queue.directory);
    return program.serve(loaded, [&] { return read_config(arguments, program); });
  }
  const Exit status = command.run(arguments, program);
  program.io.out.flush();
  if (!program.io.out) throw CommandFailure{Exit::io, "cannot write to standard output"};
  return static_cast<int>(status);
}

// Of queue.directory and what lies in it; the remedy stands with it.
Exit status_of(const std::system_error& error) {
  const auto is = [&](std::errc code) { return error.code() == code; };
  const bool closed = is(std::errc::permission_denied) || is(std::errc::operation_not_permitted) ||
                      is(std::errc::read_only_file_system) || is(std::errc::no_such_file_or_directory) ||
                      is(std::errc::not_a_directory) || is(std::errc::no_space_on_device);
  return closed ? Exit::cannot_create : Exit::io;
}

}  // namespace

int run_command(const std::vector<std::string>& arguments, const Program& program) {
  const auto fail = [&](Exit status, const std::string& why) {
    program.io.err << "sip2mail: " << why << '\n';
    return static_cast<int>(status);
  };
  try {
    return run(arguments, program);
  } catch (const CommandFailure& failure) {
    return fail(failure.status, failure.what());
  } catch (const QueueBusy& failure) {
    return fail(Exit::try_later, failure.what());
  } catch (const QueueTooNew& failure) {
    return fail(Exit::config, failure.what());
  } catch (const std::system_error& failure) {
    return fail(status_of(failure), failure.what());
  } catch (const std::exception& failure) {
    return fail(Exit::io, failure.what());
  }
}

}  // namespace sip2mail
