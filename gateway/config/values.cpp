#include "gateway/config/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "gateway/config/relay_url.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"
#include "src/mail/wording.hpp"

namespace sip2mail {
namespace {

std::string in_quotes(std::string_view text) {
  return "\"" + printable(text, 200) + "\"";
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::vector<std::string> list_of(const std::string& text, std::string_view what) {
  auto parts = split_list(text);
  if (parts.empty()) throw BadValue{"at least one " + std::string{what} + " is needed"};
  return parts;
}

bool is_control_or_space(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

std::string size_words(std::uint64_t size) {
  constexpr std::array<std::pair<std::string_view, unsigned>, 3> units{{{"G", 30}, {"M", 20}, {"K", 10}}};
  for (const auto& [unit, shift] : units) {
    if (size != 0 && size % (std::uint64_t{1} << shift) == 0) return std::to_string(size >> shift) + std::string{unit};
  }
  return std::to_string(size);
}

}  // namespace

bool parse_yes_no(const std::string& text) {
  const std::string word = lower(text);
  if (word == "yes" || word == "true" || word == "on" || word == "1") return true;
  if (word == "no" || word == "false" || word == "off" || word == "0") return false;
  throw BadValue{in_quotes(text) + " is neither yes nor no"};
}

int parse_number(const std::string& text, int least, int most) {
  const auto number = whole_number<int>(text);
  if (!number || *number < least || *number > most)
    throw BadValue{in_quotes(text) + " is not a whole number from " + std::to_string(least) + " to " +
                   std::to_string(most)};
  return *number;
}

Delay parse_delay(const std::string& text, Delay least, Delay most) {
  const auto delay = parse_duration(text);
  if (!delay) throw BadValue{in_quotes(text) + " is not a duration like 500ms, 30s, 10m, 2h or 5d"};
  if (*delay < least || *delay > most)
    throw BadValue{in_quotes(text) + " is not between " + to_duration(least) + " and " + to_duration(most)};
  return *delay;
}

std::vector<Delay> parse_delays(const std::string& text) {
  std::vector<Delay> delays;
  for (const std::string& part : list_of(text, "duration"))
    delays.push_back(parse_delay(part, 1ms, std::chrono::hours{24 * 30}));
  return delays;
}

std::uint64_t parse_size(const std::string& text, std::uint64_t least, std::uint64_t most) {
  constexpr std::string_view units = "KMGkmg";
  std::string_view digits = text;
  unsigned shift = 0;
  if (!digits.empty()) {
    if (const std::size_t unit = units.find(digits.back()); unit != std::string_view::npos) {
      shift = static_cast<unsigned>(unit % 3 + 1) * 10;
      digits.remove_suffix(1);
    }
  }
  const auto number = whole_number<std::uint64_t>(digits);
  if (!number || *number > UINT64_MAX >> shift)
    throw BadValue{in_quotes(text) + " is not a size like 4096, 64K, 20M or 1G"};
  const std::uint64_t size = *number << shift;
  if (size < least || size > most)
    throw BadValue{in_quotes(text) + " is not between " + size_words(least) + " and " + size_words(most)};
  return size;
}

std::size_t parse_choice(const std::string& text, const std::vector<std::string>& words) {
  const auto found = std::find(words.begin(), words.end(), lower(text));
  if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : word == words.back() ? " or " : ", ") + word;
  throw BadValue{in_quotes(text) + " is not " + all + did_you_mean(text, words)};
}

std::string parse_language(const std::string& text) {
  return languages()[parse_choice(text, languages())];
}

std::vector<Listen> parse_listen(const std::string& text) {
  constexpr std::string_view allowed =
      "udp:ADDRESS:PORT and tcp:ADDRESS:PORT are, like udp:0.0.0.0:5060 or tcp:[::]:5060";
  std::vector<Listen> all;
  for (const std::string& part : list_of(text, "udp:ADDRESS:PORT or tcp:ADDRESS:PORT")) {
    const std::size_t first = part.find(':');
    const std::size_t last = part.rfind(':');
    const std::string transport = lower(std::string_view{part}.substr(0, first));
    if (transport != "udp" && transport != "tcp")
      throw BadValue{in_quotes(part) + " is not supported; " + std::string{allowed}};
    if (last == first) throw BadValue{in_quotes(part) + " is not complete; " + std::string{allowed}};
    const std::string host = part.substr(first + 1, last - first - 1);
    const auto address = Address::parse(host);
    if (!address || (address->is_v6() && host.front() != '['))
      throw BadValue{in_quotes(host) + " is no IP address (IPv6 in brackets)"};
    const auto port = static_cast<std::uint16_t>(parse_number(part.substr(last + 1), 0, 65535));
    const Listen listen{transport == "udp" ? Transport::udp : Transport::tcp, {*address, port}};
    const bool twice = std::any_of(all.begin(), all.end(), [&](const Listen& other) {
      return port != 0 && other.transport == listen.transport && other.local == listen.local;
    });
    if (twice) throw BadValue{in_quotes(part) + " stands there twice"};
    all.push_back(listen);
  }
  return all;
}

std::vector<Network> parse_networks(const std::string& text) {
  std::vector<Network> networks;
  for (const std::string& part : split_list(text)) {  // none: nobody
    const auto network = Network::parse(part);
    if (!network) throw BadValue{in_quotes(part) + " is no address or network like 192.0.2.1, 10.0.0.0/8 or fc00::/7"};
    networks.push_back(*network);
  }
  return networks;
}

std::vector<Endpoint> parse_public_addresses(const std::string& text) {
  std::vector<Endpoint> all;
  for (const std::string& part : split_list(text)) {
    Endpoint outside;
    auto address = Address::parse(part);  // an IPv6 address needs brackets only when a port follows
    if (!address) {
      const std::size_t colon = std::min(part.rfind(':'), part.size());
      const std::string host = part.substr(0, colon);
      address = Address::parse(host);
      if (!address || colon == part.size() || (address->is_v6() && host.front() != '['))
        throw BadValue{in_quotes(part) + " is not ADDRESS or ADDRESS:PORT, like 192.0.2.1 or [2001:db8::1]:5060"};
      outside.port = static_cast<std::uint16_t>(parse_number(part.substr(colon + 1), 1, 65535));
    }
    outside.address = *address;
    if (address->is_unspecified() || address->is_multicast() || address->is_broadcast())
      throw BadValue{in_quotes(part) + " is no address that a caller could reach"};
    for (const Endpoint& other : all) {
      if (other.address.is_v6() == address->is_v6())
        throw BadValue{in_quotes(part) + ": there is one for " + (address->is_v6() ? "IPv6" : "IPv4") + " already, " +
                       other.address.text()};
    }
    all.push_back(outside);
  }
  return all;
}

PortRange parse_ports(const std::string& text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string::npos) throw BadValue{in_quotes(text) + " is no range of ports like 20000-20999"};
  const std::string_view range = text;
  const int first = parse_number(std::string{trim(range.substr(0, dash))}, 1024, 65535);
  const int last = parse_number(std::string{trim(range.substr(dash + 1))}, 1024, 65535);
  if (first + first % 2 + 1 > last)
    throw BadValue{in_quotes(text) + " holds no even port with the odd one after it (RTP and RTCP of a call)"};
  return {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)};
}

std::vector<Codec> parse_codecs(const std::string& text) {
  std::vector<Codec> codecs;
  for (const std::string& part : list_of(text, "codec")) {
    const Codec codec = parse_choice(part, {"pcma", "pcmu"}) == 0 ? Codec::pcma : Codec::pcmu;
    if (std::find(codecs.begin(), codecs.end(), codec) == codecs.end()) codecs.push_back(codec);
  }
  return codecs;
}

std::vector<MailboxSource> parse_mailbox_sources(const std::string& text) {
  std::vector<MailboxSource> sources;
  for (const std::string& part : list_of(text, "source"))
    sources.push_back(
        static_cast<MailboxSource>(parse_choice(part, {"request-uri", "diversion-original", "diversion-last", "to"})));
  return sources;
}

std::vector<std::string> parse_users(const std::string& text) {
  std::vector<std::string> users = list_of(text, "user");
  for (const std::string& user : users) {
    if (user == "*" || user.find_first_of("@ \t<>;\"%") != std::string::npos)
      throw BadValue{in_quotes(user) + " is not the user part of a SIP address"};
  }
  return users;
}

std::string parse_finish_keys(const std::string& text) {
  if (text.find_first_not_of("0123456789*#ABCD") != std::string::npos)
    throw BadValue{in_quotes(text) + " holds more than the keys 0-9 * # A-D"};
  return text;
}

std::filesystem::path parse_directory(const std::string& text) {
  if (text.empty()) throw BadValue{"a directory is needed"};
  return text;
}

std::string parse_address(const std::string& text) {
  const std::size_t at = text.rfind('@');
  const bool whole = at != std::string::npos && at > 0 && at + 1 < text.size() && text.size() <= 254;
  const bool clean = std::none_of(text.begin(), text.end(), is_control_or_space) &&
                     text.find_first_of("<>,;:\"()[]\\") == std::string::npos && text.find('@') == at;
  if (!whole || !clean) throw BadValue{in_quotes(text) + " is no email address like taro@example.com"};
  return text;
}

std::vector<std::string> parse_addresses(const std::string& text, bool catch_all) {
  constexpr std::string_view placeholder = "{mailbox}";
  std::vector<std::string> addresses = list_of(text, "email address");
  for (const std::string& address : addresses) {
    std::string filled = address;
    for (std::size_t at = filled.find(placeholder); at != std::string::npos; at = filled.find(placeholder)) {
      if (!catch_all) throw BadValue{in_quotes(address) + ": {mailbox} stands only in the catch-all [mailbox.*]"};
      filled.replace(at, placeholder.size(), "1");
    }
    if (filled.find_first_of("{}") != std::string::npos)
      throw BadValue{in_quotes(address) + ": only {mailbox} may stand in braces"};
    if (filled == address) {
      (void)parse_address(address);
    } else {
      try {
        (void)parse_address(filled);
      } catch (const BadValue&) {
        throw BadValue{in_quotes(address) + " is no email address like {mailbox}@example.com"};
      }
    }
  }
  return addresses;
}

std::string parse_host_name(const std::string& text) {
  const bool literal = text.size() > 2 && text.front() == '[' && Address::parse(text);
  if (!text.empty() && !literal && !is_host_name(text))
    throw BadValue{in_quotes(text) + " is neither a host name nor an [address]"};
  return text;
}

RelayAuth parse_auth(const std::string& text) {
  return static_cast<RelayAuth>(parse_choice(text, {"auto", "plain", "login", "xoauth2", "oauthbearer"}));
}

std::string parse_relay_url(const std::string& text) {
  if (text.empty()) return text;
  const auto url = read_relay_url(text);
  if (!url) throw BadValue{url.error()};
  return text;
}

// As a shell would, without its variables, escapes and operators.
std::vector<std::string> parse_command(const std::string& text) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = '\0';
  for (const char c : text) {
    if (quote == '\0' && (c == ' ' || c == '\t')) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true)) words.emplace_back();
    if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    } else if (c == quote) {
      quote = '\0';
    } else {
      words.back() += c;
    }
  }
  if (quote != '\0') throw BadValue{in_quotes(text) + " has a quote that is not closed"};
  if (!words.empty() && !words.front().starts_with('/'))
    throw BadValue{in_quotes(words.front()) + " is no program with its whole path, like /usr/local/bin/token"};
  return words;
}

}  // namespace sip2mail
