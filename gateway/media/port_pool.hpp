// gateway/media/port_pool.hpp -- a pair of bound UDP sockets for each call: RTP on an even port, RTCP on the next.
//
// Owned by main. The kernel knows which ports are free: a pair is given back by closing its sockets, and what others
// took is passed over. The search goes on where it stopped, so that a port rests before it serves another call (the
// end of an old stream would else arrive in a new one). Throws when the machine has no more sockets or the address is
// not ours.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/base/files.hpp"
#include "gateway/config/settings.hpp"
#include "src/base/network.hpp"

namespace sip2mail {

struct PortPair {
  Fd rtp;
  Fd rtcp;
  std::uint16_t port = 0;  // of RTP
};

class PortPool {
 public:
  explicit PortPool(PortRange range);  // begins at a random place

  // nullopt: none is free.
  [[nodiscard]] std::optional<PortPair> take(const Address& local);
  [[nodiscard]] int pairs() const { return pairs_; }  // in the whole range

 private:
  int first_;
  int pairs_;
  int next_ = 0;
};

}  // namespace sip2mail
