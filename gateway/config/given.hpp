// gateway/config/given.hpp -- one option as somebody gave it: in a file, in the environment, by --set.
#pragma once

#include <string>
#include <vector>

namespace sip2mail {

struct Given {
  std::string section;  // "sip", "mailbox.2001"
  std::string key;
  std::string value;
  std::string where;  // "FILE:LINE", "SIP2MAIL_SIP_LISTEN", "--set"; of a secret from a file "FILE:LINE (/run/secret)"
  [[nodiscard]] std::string name() const { return section + "." + key; }
};

// What one source gave. Sources are asked in their order of precedence.
struct Layer {
  std::vector<Given> given;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

}  // namespace sip2mail
