// gateway/relay/helo.hpp -- how this host greets a relay when relay.helo is not set. Any thread; may ask the resolver.
#pragma once

#include <cstdint>
#include <string>

namespace sip2mail {

// The host's full name; without one, the address that faces the relay as a literal (RFC 5321 4.1.3).
[[nodiscard]] std::string greeting_name(const std::string& relay_host, std::uint16_t relay_port);

}  // namespace sip2mail
