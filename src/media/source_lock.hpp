// src/media/source_lock.hpp -- who may send us RTP in a call, and where we send ours.
//
// Owned by a Session. Pure. The offered address is the source; the signalling peer's own address may stand in for it
// (NAT) until the offered one was heard, and once it has, moves only in its first seconds. Anybody else is foreign:
// neither recorded nor sent to, so that we can neither be fed a stranger's sound nor be made to reflect at one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/base/network.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

// Where our own sockets are: nothing is ever sent there.
struct OwnMedia {
  std::vector<Address> addresses;
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
};

// Never multicast, broadcast, 0.0.0.0, ports under 1024 or our own; loopback only when the peer is there too.
[[nodiscard]] bool may_be_sent_to(const Endpoint& target, const Address& signalling_peer, const OwnMedia& own);

class SourceLock {
 public:
  // send_at_once: the offered address lies in media.networks or is the signalling peer's.
  SourceLock(Endpoint offered, Address signalling_peer, bool send_at_once, OwnMedia own)
      : offered_{offered}, peer_{signalling_peer}, at_once_{send_at_once}, own_{std::move(own)} {}

  // Is this packet of the call? It may settle or move the source.
  [[nodiscard]] bool accepts(const Endpoint& source, Instant now);
  // The same question for RTCP, which comes from another port and settles nothing.
  [[nodiscard]] bool is_of_the_call(const Address& source) const;

  // Where RTP goes now; nullopt: nowhere (yet).
  [[nodiscard]] std::optional<Endpoint> target() const;

  // re-INVITE: another address begins anew; the same one, or a hold (0.0.0.0), keeps the source.
  void move(const Endpoint& offered, const Address& signalling_peer, bool send_at_once);

 private:
  Endpoint offered_;
  Address peer_;
  bool at_once_;
  OwnMedia own_;
  std::optional<Endpoint> source_;  // who has sent
  Instant settled_{};               // when source_ was first known
};

}  // namespace sip2mail
