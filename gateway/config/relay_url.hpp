// gateway/config/relay_url.hpp -- relay.url as its parts, or what is wrong with it, in words. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace sip2mail {

struct RelayUrl {
  enum class Scheme { smtp, starttls, smtps, maildir };
  Scheme scheme = Scheme::smtp;
  std::string host;  // an IPv6 address without its brackets
  std::uint16_t port = 25;
  std::string path;  // of a Maildir

  [[nodiscard]] bool is_mail_server() const { return scheme != Scheme::maildir; }
  [[nodiscard]] bool is_encrypted() const { return scheme == Scheme::starttls || scheme == Scheme::smtps; }
  [[nodiscard]] bool is_on_loopback() const;
};

// smtp://HOST[:25], smtp+starttls://HOST[:587], smtps://HOST[:465], maildir:PATH; an IPv6 address in brackets
[[nodiscard]] tl::expected<RelayUrl, std::string> read_relay_url(std::string_view url);

}  // namespace sip2mail
