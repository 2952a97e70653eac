// src/base/network.hpp -- IP addresses, endpoints and networks as values.
//
// An IPv4-mapped IPv6 address (::ffff:a.b.c.d) is the IPv4 address, always. No socket here: gateway/base/sockets.hpp
// turns these into sockaddr and back.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sip2mail {

class Address {
 public:
  Address() = default;  // 0.0.0.0
  // "192.0.2.1", "2001:db8::1", "[2001:db8::1]"; no names, no zone ids.
  [[nodiscard]] static std::optional<Address> parse(std::string_view text);
  [[nodiscard]] static Address v4(std::span<const std::uint8_t, 4> bytes);
  [[nodiscard]] static Address v6(std::span<const std::uint8_t, 16> bytes);

  [[nodiscard]] bool is_v6() const { return v6_; }
  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return std::span{bytes_}.first(v6_ ? 16 : 4); }
  [[nodiscard]] bool is_unspecified() const;
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] bool is_multicast() const;
  [[nodiscard]] bool is_broadcast() const;  // 255.255.255.255

  [[nodiscard]] std::string text() const;      // RFC 5952 for IPv6
  [[nodiscard]] std::string uri_host() const;  // the same, IPv6 in brackets
  auto operator<=>(const Address&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  bool v6_ = false;
};

struct Endpoint {
  Address address;
  std::uint16_t port = 0;
  [[nodiscard]] std::string text() const { return address.uri_host() + ":" + std::to_string(port); }
  auto operator<=>(const Endpoint&) const = default;
};

// An address with a prefix length: "10.0.0.0/8", "::1", "fe80::/10".
class Network {
 public:
  [[nodiscard]] static std::optional<Network> parse(std::string_view text);
  [[nodiscard]] bool contains(const Address& address) const;
  [[nodiscard]] std::string text() const;
  auto operator<=>(const Network&) const = default;

 private:
  Address base_;
  unsigned prefix_ = 32;
};

[[nodiscard]] bool contains(const std::vector<Network>& networks, const Address& address);

}  // namespace sip2mail
