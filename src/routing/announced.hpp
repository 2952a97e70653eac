// src/routing/announced.hpp -- what a peer is told of where we are: in Contact for its requests, in SDP for its sound.
//
// Pure. Behind NAT or in a container our own address means nothing to a peer outside: sip.public-address is told there.
#pragma once

#include <vector>

#include "src/base/network.hpp"

namespace sip2mail {

// `local` is the address that faces the peer, with the port that was asked. A public address of its family replaces it,
// and the port too when one is given (port 0: not given), unless the peer lies in a local network.
[[nodiscard]] Endpoint announced_to(const Address& peer, const Endpoint& local,
                                    const std::vector<Endpoint>& public_addresses,
                                    const std::vector<Network>& local_networks);

}  // namespace sip2mail
