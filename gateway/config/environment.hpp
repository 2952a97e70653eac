// gateway/config/environment.hpp -- the variables SIP2MAIL_SECTION_KEY as options (contract, section 2).
//
// Pure: the environment is handed in. A variable of one of our sections that names no option is an error; what else
// begins with SIP2MAIL_, and what Kubernetes makes for a service of our name, is ignored with one warning.
#pragma once

#include <map>
#include <string>

#include "gateway/config/given.hpp"

namespace sip2mail {

using Environment = std::map<std::string, std::string>;

[[nodiscard]] Environment this_environment();
[[nodiscard]] Layer read_environment(const Environment& environment);

}  // namespace sip2mail
