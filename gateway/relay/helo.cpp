#include "gateway/relay/helo.hpp"

#include <netdb.h>
#include <unistd.h>

#include <array>
#include <memory>

#include "gateway/base/sockets.hpp"

namespace sip2mail {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses resolve(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* list = nullptr;
  return Addresses{::getaddrinfo(host.c_str(), nullptr, &hints, &list) == 0 ? list : nullptr};
}

bool is_full(const std::string& name) {
  const auto dot = name.find('.');
  return dot != std::string::npos && dot > 0 && dot + 1 < name.size() && !name.starts_with("localhost");
}

}  // namespace

std::string greeting_name(const std::string& relay_host, std::uint16_t relay_port) {
  std::array<char, 256> buffer{};
  if (::gethostname(buffer.data(), buffer.size() - 1) == 0) {
    std::string host{buffer.data()};
    if (is_full(host)) return host;
    const Addresses own = resolve(host, AI_CANONNAME);
    if (own && own->ai_canonname != nullptr && is_full(own->ai_canonname)) return own->ai_canonname;
  }
  if (const Addresses relay = resolve(relay_host, 0)) {
    if (auto endpoint = from_sockaddr(relay->ai_addr, relay->ai_addrlen)) {
      endpoint->port = relay_port;
      if (const auto local = local_address_towards(*endpoint))
        return local->is_v6() ? "[IPv6:" + local->text() + "]" : "[" + local->text() + "]";
    }
  }
  return "[127.0.0.1]";
}

}  // namespace sip2mail
