// gateway/config/reference.hpp -- the table of options as text: the sample file of `config reference`, and the values
// in force of `config show`.
//
// Pure.
#pragma once

#include <string>

#include "gateway/config/load.hpp"

namespace sip2mail {

// Every option with its meaning and default, each commented out, and examples of mailboxes: a file that may be edited
// and used as it is. It is the text of deploy/sip2mail.conf.
[[nodiscard]] std::string config_reference();

// One line a value: name = value, and where it came from. A secret that is set shows as asterisks.
[[nodiscard]] std::string config_show(const Loaded& loaded);

}  // namespace sip2mail
