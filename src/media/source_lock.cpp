#include "src/media/source_lock.hpp"

#include <algorithm>

namespace sip2mail {
namespace {

constexpr Delay kMayMove = 5s;

}  // namespace

bool may_be_sent_to(const Endpoint& target, const Address& signalling_peer, const OwnMedia& own) {
  const Address& address = target.address;
  if (address.is_unspecified() || address.is_multicast() || address.is_broadcast() || target.port < 1024) return false;
  if (address.is_loopback() && !signalling_peer.is_loopback()) return false;
  const bool our_port = target.port >= own.first_port && target.port <= own.last_port;
  const auto is_ours = [&](const Address& any) {
    return std::find(own.addresses.begin(), own.addresses.end(), any) != own.addresses.end();
  };
  // A PBX on this very machine may have its own ports in our range; nobody else may aim at ours.
  return !(our_port && is_ours(address) && !is_ours(signalling_peer));
}

bool SourceLock::accepts(const Endpoint& source, Instant now) {
  if (!may_be_sent_to(source, peer_, own_)) return false;
  if (source_ && *source_ == source) return true;
  if (source == offered_) {  // the one that was named wins at any time
    source_ = source;
    settled_ = now;
    return true;
  }
  if (source.address != peer_ && source.address != offered_.address) return false;
  if (source_) {
    if (*source_ == offered_ || now - settled_ > kMayMove) return false;
  } else {
    settled_ = now;
  }
  source_ = source;
  return true;
}

bool SourceLock::is_of_the_call(const Address& source) const {
  return source == peer_ || source == offered_.address || (source_ && source_->address == source);
}

std::optional<Endpoint> SourceLock::target() const {
  if (offered_.address.is_unspecified()) return std::nullopt;  // hold
  if (source_) return source_;
  if (at_once_ && may_be_sent_to(offered_, peer_, own_)) return offered_;
  return std::nullopt;
}

void SourceLock::move(const Endpoint& offered, const Address& signalling_peer, bool send_at_once) {
  if (offered != offered_ && !offered.address.is_unspecified()) source_.reset();
  offered_ = offered;
  peer_ = signalling_peer;
  at_once_ = send_at_once;
}

}  // namespace sip2mail
