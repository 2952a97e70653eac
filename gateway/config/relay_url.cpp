#include "gateway/config/relay_url.hpp"

#include <algorithm>
#include <charconv>

#include "src/base/network.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kForms = "smtp://HOST:PORT, smtp+starttls://HOST:PORT, smtps://HOST:PORT or maildir:PATH";

bool is_host(std::string_view host) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !host.empty() && host.size() <= 253 && host.find_first_not_of(allowed) == std::string_view::npos;
}

tl::unexpected<std::string> wrong(std::string words) {
  return tl::unexpected{std::move(words)};
}

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text, 200) + "\"";
}

}  // namespace

bool RelayUrl::is_on_loopback() const {
  const auto address = Address::parse(host);
  return address ? address->is_loopback() : equal_ignoring_case(host, "localhost");
}

tl::expected<RelayUrl, std::string> read_relay_url(std::string_view url) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos) return wrong(in_quotes(url) + " is not " + std::string{kForms});
  const std::string scheme = lower(url.substr(0, colon));
  std::string_view rest = url.substr(colon + 1);
  RelayUrl out;
  if (scheme == "maildir") {
    if (rest.empty() || rest.find('\0') != std::string_view::npos)
      return wrong(in_quotes(url) + " names no directory: maildir:PATH");
    out.scheme = RelayUrl::Scheme::maildir;
    out.path = rest;
    return out;
  }
  if (scheme == "smtp") {
    out.port = 25;
  } else if (scheme == "smtp+starttls") {
    out.scheme = RelayUrl::Scheme::starttls;
    out.port = 587;
  } else if (scheme == "smtps") {
    out.scheme = RelayUrl::Scheme::smtps;
    out.port = 465;
  } else {
    return wrong(in_quotes(scheme + ":") + " is not supported; " + std::string{kForms} + " is" +
                 did_you_mean(scheme, {"smtp", "smtp+starttls", "smtps", "maildir"}));
  }
  const std::string form = scheme + "://HOST:PORT";
  if (!rest.starts_with("//")) return wrong(in_quotes(url) + " is not " + form);
  rest.remove_prefix(2);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos)
    return wrong("a user or password does not stand in the URL but in relay.user and relay.password: " + form);
  const bool bracket = rest.starts_with('[');
  const auto close = rest.find(']');
  if (bracket && close == std::string_view::npos) return wrong(in_quotes(url) + " names no host: " + form);
  const std::size_t end = bracket ? close + 1 : std::min(rest.find(':'), rest.size());
  out.host = bracket ? rest.substr(1, close - 1) : rest.substr(0, end);
  const auto address = Address::parse(out.host);
  if (bracket ? !address || !address->is_v6() : !is_host(out.host))
    return wrong(in_quotes(url) + " names no host: " + form);
  rest.remove_prefix(end);
  if (rest.empty()) return out;
  if (rest[0] != ':') return wrong(in_quotes(url) + " has something after the host: " + form);
  rest.remove_prefix(1);
  const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), out.port);
  if (error != std::errc{} || stop != rest.data() + rest.size() || out.port == 0)
    return wrong(in_quotes(rest) + " is no port from 1 to 65535");
  return out;
}

}  // namespace sip2mail
