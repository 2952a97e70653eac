// src/routing/mailbox.hpp -- one configured mailbox: its id, its addresses, and what it overrides.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sip2mail {

// Mailbox::where of the catch-all that stands in while none is configured.
constexpr std::string_view kBuiltIn = "built in";

struct Mailbox {
  std::string id;                      // "2001", "2001@example.com", "*" for the catch-all
  std::vector<std::string> email;      // in the catch-all each may contain {mailbox}
  std::string name;                    // shown in the mail; may be empty
  std::string where;                   // "FILE:LINE" or "built in": for `explain` and errors
  std::vector<std::string> aliases{};  // further users that mean this mailbox
};

}  // namespace sip2mail
