#include "gateway/base/sockets.hpp"

#include <ifaddrs.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace sip2mail {

SocketAddress to_sockaddr(const Endpoint& endpoint) {
  SocketAddress out;
  const auto bytes = endpoint.address.bytes();
  if (endpoint.address.is_v6()) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.length = sizeof v6;
  } else {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&out.storage, &v4, sizeof v4);
    out.length = sizeof v4;
  }
  return out;
}

std::optional<Endpoint> from_sockaddr(const sockaddr* address, socklen_t length) {
  if (address->sa_family == AF_INET && length >= sizeof(sockaddr_in)) {
    sockaddr_in v4{};
    std::memcpy(&v4, address, sizeof v4);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return Endpoint{Address::v4(bytes), ntohs(v4.sin_port)};
  }
  if (address->sa_family == AF_INET6 && length >= sizeof(sockaddr_in6)) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, address, sizeof v6);
    std::array<std::uint8_t, 16> bytes{};
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return Endpoint{Address::v6(bytes), ntohs(v6.sin6_port)};
  }
  return std::nullopt;
}

Endpoint local_endpoint(int socket) {
  SocketAddress local;
  local.length = sizeof local.storage;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&local.storage), &local.length) != 0)
    throw std::system_error{errno, std::generic_category(), "getsockname"};
  const auto endpoint = from_sockaddr(local.get(), local.length);
  if (!endpoint) throw std::system_error{EAFNOSUPPORT, std::generic_category(), "getsockname"};
  return *endpoint;
}

std::optional<Fd> bind_udp(const Endpoint& local) {
  const int family = local.address.is_v6() ? AF_INET6 : AF_INET;
  Fd socket{::socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (!socket) throw std::system_error{errno, std::generic_category(), "cannot create a UDP socket"};
  const SocketAddress address = to_sockaddr(local);
  if (::bind(socket.get(), address.get(), address.length) == 0) return socket;
  if (errno == EADDRINUSE || errno == EACCES) return std::nullopt;
  throw std::system_error{errno, std::generic_category(), "cannot bind " + local.text()};
}

std::vector<Address> local_addresses() {
  std::vector<Address> addresses;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) throw std::system_error{errno, std::generic_category(), "getifaddrs"};
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr) continue;
    if (const auto endpoint = from_sockaddr(entry->ifa_addr, sizeof(sockaddr_in6)))
      addresses.push_back(endpoint->address);
  }
  ::freeifaddrs(list);
  return addresses;
}

std::optional<Address> local_address_towards(const Endpoint& peer) {
  const Fd socket{::socket(peer.address.is_v6() ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  if (!socket) throw std::system_error{errno, std::generic_category(), "cannot create a UDP socket"};
  const SocketAddress address = to_sockaddr({peer.address, std::max<std::uint16_t>(peer.port, 1)});
  if (::connect(socket.get(), address.get(), address.length) != 0) return std::nullopt;
  return local_endpoint(socket.get()).address;
}

}  // namespace sip2mail
