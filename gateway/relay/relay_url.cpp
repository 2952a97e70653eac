#include "gateway/relay/relay_url.hpp"

#include <algorithm>
#include <charconv>

#include "src/base/network.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

bool is_host(std::string_view host) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !host.empty() && host.size() <= 253 && host.find_first_not_of(allowed) == std::string_view::npos;
}

tl::unexpected<std::string> wrong(std::string words) {
  return tl::unexpected{std::move(words)};
}

}  // namespace

tl::expected<RelayUrl, std::string> read_relay_url(std::string_view url) {
  const std::string expected = "expected smtp://HOST[:PORT] or maildir:PATH";
  const auto colon = url.find(':');
  if (colon == std::string_view::npos) return wrong("\"" + printable(url, 200) + "\" has no scheme: " + expected);
  const std::string scheme = lower(url.substr(0, colon));
  std::string_view rest = url.substr(colon + 1);
  RelayUrl out;
  if (scheme == "maildir") {
    if (rest.empty() || rest.find('\0') != std::string_view::npos) return wrong("maildir: needs a path");
    out.scheme = RelayUrl::Scheme::maildir;
    out.path = rest;
    return out;
  }
  if (scheme != "smtp") return wrong("unknown scheme \"" + printable(scheme, 40) + "\": " + expected);
  if (!rest.starts_with("//")) return wrong("smtp: is followed by //: " + expected);
  rest.remove_prefix(2);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos) return wrong("a user does not belong into the URL");
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return wrong("the [ of the IPv6 address is not closed");
    out.host = rest.substr(1, close - 1);
    const auto address = Address::parse(out.host);
    if (!address || !address->is_v6()) return wrong("between [ and ] stands no IPv6 address");
    rest.remove_prefix(close + 1);
    if (!rest.empty() && rest[0] != ':') return wrong("after ] comes :PORT or nothing");
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return wrong("after : comes a port");
  } else {
    const auto end = rest.rfind(':');
    out.host = rest.substr(0, end);
    if (end != std::string_view::npos) {
      port = rest.substr(end + 1);
      if (port.empty()) return wrong("after : comes a port");
    }
    if (!is_host(out.host)) return wrong("\"" + printable(out.host, 200) + "\" is no host name or address");
  }
  if (!port.empty()) {
    const auto [stop, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc{} || stop != port.data() + port.size() || out.port == 0)
      return wrong("\"" + printable(port, 20) + "\" is no port");
  }
  return out;
}

std::optional<std::string> check_relay_url(std::string_view url) {
  const auto read = read_relay_url(url);
  return read ? std::nullopt : std::optional{read.error()};
}

}  // namespace sip2mail
