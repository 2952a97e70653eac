#include "src/routing/announced.hpp"

#include <algorithm>

namespace sip2mail {

Endpoint announced_to(const Address& peer, const Endpoint& local, const std::vector<Endpoint>& public_addresses,
                      const std::vector<Network>& local_networks) {
  if (contains(local_networks, peer)) return local;
  const auto found = std::find_if(public_addresses.begin(), public_addresses.end(), [&](const Endpoint& outside) {
    return outside.address.is_v6() == local.address.is_v6();
  });
  if (found == public_addresses.end()) return local;
  return {found->address, found->port == 0 ? local.port : found->port};
}

}  // namespace sip2mail
