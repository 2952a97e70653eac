// gateway/cli/command.hpp -- one command: its name, what it takes, and the function that does it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/cli/arguments.hpp"
#include "gateway/cli/io.hpp"

namespace sip2mail {

struct Command {
  std::string_view name;       // "queue list"
  std::string_view arguments;  // as the usage shows them
  std::string_view meaning;
  std::vector<std::string_view> options;  // besides --config and --set
  std::size_t least_words = 0;            // behind the name
  std::size_t most_words = 0;
  // `arguments.words` holds only the words behind the name.
  Exit (*run)(const Arguments& arguments, const Program& program) = nullptr;
};

[[nodiscard]] std::span<const Command> commands();

// The configuration as --config, --set, environment and files give it, right or wrong.
[[nodiscard]] Loaded read_config(const Arguments& arguments, const Program& program);
// The same; when it is wrong every error is written to standard error and CommandFailure{config} thrown.
[[nodiscard]] Loaded load_config(const Arguments& arguments, const Program& program);

Exit queue_list(const Arguments& arguments, const Program& program);
Exit queue_show(const Arguments& arguments, const Program& program);
Exit queue_export(const Arguments& arguments, const Program& program);
Exit queue_audio(const Arguments& arguments, const Program& program);
Exit queue_retry(const Arguments& arguments, const Program& program);
Exit queue_hold(const Arguments& arguments, const Program& program);
Exit queue_release(const Arguments& arguments, const Program& program);
Exit queue_delete(const Arguments& arguments, const Program& program);
Exit explain_command(const Arguments& arguments, const Program& program);
Exit config_check_command(const Arguments& arguments, const Program& program);
Exit config_show_command(const Arguments& arguments, const Program& program);
Exit config_reference_command(const Arguments& arguments, const Program& program);
Exit call_command(const Arguments& arguments, const Program& program);
Exit message_command(const Arguments& arguments, const Program& program);
Exit health_command(const Arguments& arguments, const Program& program);
Exit version_command(const Arguments& arguments, const Program& program);

}  // namespace sip2mail
