#include "src/delivery/reply.hpp"

#include <array>

namespace sip2mail {

std::string_view to_text(Stage stage) {
  constexpr std::array<std::string_view, 15> names{"resolve", "connect",  "tls",     "certificate", "banner",
                                                   "ehlo",    "starttls", "auth",    "mail",        "rcpt",
                                                   "data",    "dot",      "unknown", "not smtp",    "accepted"};
  return names[static_cast<std::size_t>(stage)];
}

}  // namespace sip2mail
