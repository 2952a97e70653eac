// gateway/cli/manual.hpp -- the manual page, made of the table of commands and that of options.
//
// Pure. It is the text of deploy/man/sip2mail.1; a test compares them.
#pragma once

#include <string>

namespace sip2mail {

[[nodiscard]] std::string manual_page();  // in the macros of man(7)

}  // namespace sip2mail
