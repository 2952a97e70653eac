#include "src/routing/trust.hpp"

#include <algorithm>

namespace sip2mail {

bool Trust::covers(const Address& peer) const {
  return contains(networks, peer) && !excepts(peer);
}

bool Trust::excepts(const Address& peer) const {
  return std::find(except.begin(), except.end(), peer) != except.end();
}

Trust effective_trust(const std::vector<Network>& trusted, bool is_set, const std::vector<Mailbox>& mailboxes,
                      const std::vector<Address>& container_gateways) {
  if (is_set) return {trusted, {}};
  const bool mails_anybody = std::any_of(mailboxes.begin(), mailboxes.end(), [](const Mailbox& mailbox) {
    return mailbox.id == "*" && mailbox.where != kBuiltIn &&
           std::any_of(mailbox.email.begin(), mailbox.email.end(),
                       [](const std::string& address) { return address.find("{mailbox}") != std::string::npos; });
  });
  const auto networks = mails_anybody ? std::vector{*Network::parse("127.0.0.0/8"), *Network::parse("::1")} : trusted;
  Trust trust{networks, {}};
  for (const Address& gateway : container_gateways) {
    if (contains(networks, gateway)) trust.except.push_back(gateway);
  }
  return trust;
}

bool RateLimit::admit(const Address& source, Instant now) {
  if (most_ <= 0) return true;
  if (seconds_.size() >= kMostAddresses && !seconds_.contains(source)) {
    std::erase_if(seconds_, [&](const auto& entry) { return now - entry.second.began >= 1s; });
    if (seconds_.size() >= kMostAddresses) return false;
  }
  Second& second = seconds_[source];
  if (now - second.began >= 1s) second = {now, 0};
  return ++second.count <= most_;
}

}  // namespace sip2mail
