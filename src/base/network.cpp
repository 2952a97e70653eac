#include "src/base/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace sip2mail {

std::optional<Address> Address::parse(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string name{text};
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, name.c_str(), bytes.data()) == 1) return v4(std::span{bytes}.first<4>());
  if (inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1) return v6(bytes);
  return std::nullopt;
}

Address Address::v4(std::span<const std::uint8_t, 4> bytes) {
  Address address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  return address;
}

Address Address::v6(std::span<const std::uint8_t, 16> bytes) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(mapped.begin(), mapped.end(), bytes.begin())) return v4(bytes.last<4>());
  Address address;
  std::copy(bytes.begin(), bytes.end(), address.bytes_.begin());
  address.v6_ = true;
  return address;
}

bool Address::is_unspecified() const {
  return std::all_of(bytes_.begin(), bytes_.end(), [](std::uint8_t b) { return b == 0; });
}

bool Address::is_loopback() const {
  if (!v6_) return bytes_[0] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t b) { return b == 0; }) && bytes_[15] == 1;
}

bool Address::is_multicast() const {
  return v6_ ? bytes_[0] == 0xFF : bytes_[0] >= 224 && bytes_[0] <= 239;
}

bool Address::is_broadcast() const {
  return !v6_ && std::all_of(bytes_.begin(), bytes_.begin() + 4, [](std::uint8_t b) { return b == 255; });
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  inet_ntop(v6_ ? AF_INET6 : AF_INET, bytes_.data(), out.data(), out.size());
  return out.data();
}

std::string Address::uri_host() const {
  return v6_ ? "[" + text() + "]" : text();
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto base = Address::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  Network network;
  network.base_ = *base;
  network.prefix_ = base->is_v6() ? 128 : 32;
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc{} || end != digits.data() + digits.size() || prefix > network.prefix_) return std::nullopt;
  network.prefix_ = prefix;
  return network;
}

bool Network::contains(const Address& address) const {
  if (address.is_v6() != base_.is_v6()) return false;
  for (unsigned bit = 0; bit < prefix_; bit += 8) {
    const unsigned left = std::min(8U, prefix_ - bit);
    const auto mask = static_cast<std::uint8_t>(0xFF00U >> left);
    if (((address.bytes()[bit / 8] ^ base_.bytes()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::string Network::text() const {
  return base_.text() + "/" + std::to_string(prefix_);
}

bool contains(const std::vector<Network>& networks, const Address& address) {
  return std::any_of(networks.begin(), networks.end(), [&](const Network& n) { return n.contains(address); });
}

}  // namespace sip2mail
