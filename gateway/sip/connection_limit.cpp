#include "gateway/sip/connection_limit.hpp"

#include <dlfcn.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "gateway/base/sockets.hpp"

namespace {

thread_local sip2mail::ConnectionLimit* limit_of_this_thread = nullptr;

}  // namespace

extern "C" int accept(int listener, sockaddr* address, socklen_t* length) {
  using Accept = int(int, sockaddr*, socklen_t*);
  static Accept* const original = reinterpret_cast<Accept*>(::dlsym(RTLD_NEXT, "accept"));
  if (original == nullptr) std::abort();
  const int socket = original(listener, address, length);
  if (socket < 0 || limit_of_this_thread == nullptr || limit_of_this_thread->admit(socket)) return socket;
  ::close(socket);
  errno = ECONNABORTED;
  return -1;
}

namespace sip2mail {
namespace {

std::optional<Endpoint> peer_of(int socket) {
  SocketAddress peer;
  peer.length = sizeof peer.storage;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer.storage), &peer.length) != 0) return std::nullopt;
  return from_sockaddr(peer.get(), peer.length);
}

}  // namespace

ConnectionLimit::ConnectionLimit(std::function<bool(const Address&)> trusts, std::size_t kept)
    : trusts_{std::move(trusts)}, kept_{kept} {
  limit_of_this_thread = this;
}

ConnectionLimit::~ConnectionLimit() {
  limit_of_this_thread = nullptr;
}

bool ConnectionLimit::admit(int socket) {
  const auto peer = peer_of(socket);
  if (!peer) return true;  // gone already, or no IP socket
  if (is_kept(socket)) return false;
  if (trusts_(peer->address)) return true;
  forget_closed();
  const auto of_this_one = std::count_if(strangers_.begin(), strangers_.end(), [&](const Connection& connection) {
    return connection.peer.address == peer->address;
  });
  if (static_cast<std::size_t>(of_this_one) >= kMostOfOneStranger) return false;
  if (strangers_.size() >= kMostOfStrangers) {
    // The library reads the end of it and closes.
    ::shutdown(strangers_.front().socket, SHUT_RDWR);
    strangers_.erase(strangers_.begin());
  }
  strangers_.push_back({socket, *peer});
  return true;
}

// The kernel gives the lowest free number: a high one says how many are taken.
bool ConnectionLimit::is_kept(int descriptor) const {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return false;
  return static_cast<rlim_t>(descriptor) >= limit.rlim_cur - std::min<rlim_t>(kept_, limit.rlim_cur / 2);
}

void ConnectionLimit::forget_closed() {
  // The library closes without telling: a descriptor that is gone or speaks to somebody else is no longer ours.
  std::erase_if(strangers_, [](const Connection& connection) { return peer_of(connection.socket) != connection.peer; });
}

}  // namespace sip2mail
