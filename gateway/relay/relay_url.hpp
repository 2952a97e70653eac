// gateway/relay/relay_url.hpp -- relay.url as its parts, or what is wrong with it, in words. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace sip2mail {

struct RelayUrl {
  enum class Scheme { smtp, maildir };
  Scheme scheme = Scheme::smtp;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 25;
  std::string path;  // of a Maildir
};

// smtp://host, smtp://host:25, smtp://[2001:db8::1]:25, maildir:PATH
[[nodiscard]] tl::expected<RelayUrl, std::string> read_relay_url(std::string_view url);
[[nodiscard]] std::optional<std::string> check_relay_url(std::string_view url);  // what is wrong with it

}  // namespace sip2mail
