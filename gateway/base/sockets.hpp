// gateway/base/sockets.hpp -- between the values of src/base/network.hpp and the kernel's socket addresses.
//
// Pure functions and one that opens a bound UDP socket; errors are std::system_error, except where said.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <vector>

#include "gateway/base/files.hpp"
#include "src/base/network.hpp"

namespace sip2mail {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] SocketAddress to_sockaddr(const Endpoint& endpoint);
[[nodiscard]] std::optional<Endpoint> from_sockaddr(const sockaddr* address, socklen_t length);
[[nodiscard]] Endpoint local_endpoint(int socket);

// Non-blocking; port 0 takes a free one. nullopt when the port is taken (EADDRINUSE) or not ours (EACCES).
[[nodiscard]] std::optional<Fd> bind_udp(const Endpoint& local);

// Every address of this machine.
[[nodiscard]] std::vector<Address> local_addresses();

// The local address that faces a peer: what connect() of a UDP socket chooses. nullopt when there is no route.
[[nodiscard]] std::optional<Address> local_address_towards(const Endpoint& peer);

}  // namespace sip2mail
