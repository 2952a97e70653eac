// src/routing/trust.hpp -- which peers may speak without a password, and how often.
//
// Pure; owned by the SIP thread.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "src/base/network.hpp"
#include "src/base/time.hpp"
#include "src/routing/mailbox.hpp"

namespace sip2mail {

struct Trust {
  std::vector<Network> networks;
  std::vector<Address> except;  // in one of the networks, but not trusted

  [[nodiscard]] bool covers(const Address& peer) const;
  [[nodiscard]] bool excepts(const Address& peer) const;
};

// Who is trusted in effect. While sip.trusted is not set: with a configured catch-all that turns whatever is dialled
// into an address ({mailbox}) only loopback is, else a whole office network could mail anybody; and the default
// gateways of our container are not, as NAT makes every stranger look like them.
[[nodiscard]] Trust effective_trust(const std::vector<Network>& trusted, bool is_set,
                                    const std::vector<Mailbox>& mailboxes,
                                    const std::vector<Address>& container_gateways);

// New requests a second from one address (sip.max-rate), counted in whole seconds; remembers at most 10,000 addresses.
class RateLimit {
 public:
  explicit RateLimit(int most_a_second) : most_{most_a_second} {}
  [[nodiscard]] bool admit(const Address& source, Instant now);

 private:
  struct Second {
    Instant began{};
    int count = 0;
  };
  static constexpr std::size_t kMostAddresses = 10'000;
  int most_;
  std::map<Address, Second> seconds_;
};

}  // namespace sip2mail
