// gateway/cli/commands.hpp -- which command is meant, and how it ended: the exit status of the program.
#pragma once

#include <string>
#include <vector>

#include "gateway/cli/io.hpp"

namespace sip2mail {

// Without the program's own name. Says what failed in one line on standard error; throws nothing.
[[nodiscard]] int run_command(const std::vector<std::string>& arguments, const Program& program);

}  // namespace sip2mail
