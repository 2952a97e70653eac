// gateway/relay/relay.hpp -- the way out: one mail, one recipient, one transaction, one Reply.
//
// An object belongs to one sender thread. send() blocks, bounded by relay.timeout, and does not throw for anything that
// the network did; after any error it starts with a new connection.
#pragma once

#include <memory>
#include <string>

#include "src/delivery/reply.hpp"

namespace sip2mail {

struct Mail {
  std::string sender;                        // envelope
  std::string recipient;                     // envelope
  std::shared_ptr<const std::string> bytes;  // RFC 5322, CRLF line ends
  std::string name;                          // "ULID.N", the same for all its tries; may be empty
};

class Relay {
 public:
  virtual ~Relay() = default;
  [[nodiscard]] virtual Reply send(const Mail& mail) = 0;
};

}  // namespace sip2mail
