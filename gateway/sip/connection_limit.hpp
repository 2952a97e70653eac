// gateway/sip/connection_limit.hpp -- how many TCP connections strangers may hold on the SIP port.
//
// The library keeps a connection that never sends a byte open for ever, and has no limit of its own; our accept()
// stands before the C library's (library_guard.hpp says how) and counts on the SIP thread. Trusted peers are
// limited only by the descriptors that calls and mails need. A stranger beyond its share is closed at once; when all
// strangers together hold too many, the oldest of theirs is shut down.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "src/base/network.hpp"

namespace sip2mail {

class ConnectionLimit {
 public:
  static constexpr std::size_t kMostOfOneStranger = 8;
  static constexpr std::size_t kMostOfStrangers = 256;

  // What accept() on this thread asks from now on, until the object goes.
  // `kept`: so many descriptors are not for connections, or half of all when there are too few.
  ConnectionLimit(std::function<bool(const Address&)> trusts, std::size_t kept);
  ~ConnectionLimit();
  ConnectionLimit(const ConnectionLimit&) = delete;
  ConnectionLimit& operator=(const ConnectionLimit&) = delete;

  // A new connection: false when it must be closed.
  [[nodiscard]] bool admit(int socket);

 private:
  struct Connection {
    int socket;
    Endpoint peer;
  };
  void forget_closed();
  [[nodiscard]] bool is_kept(int descriptor) const;

  std::function<bool(const Address&)> trusts_;
  std::size_t kept_;
  std::vector<Connection> strangers_;  // oldest first
};

}  // namespace sip2mail
