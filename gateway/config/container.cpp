#include "gateway/config/container.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <system_error>

#include "gateway/base/files.hpp"
#include "gateway/base/sockets.hpp"

namespace sip2mail {
namespace {

constexpr unsigned kUp = 0x1;       // RTF_UP
constexpr unsigned kGateway = 0x2;  // RTF_GATEWAY

std::optional<unsigned> hexadecimal(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool goes_by_gateway(std::string_view flags) {
  const auto bits = hexadecimal(flags);
  return bits && (*bits & kUp) != 0 && (*bits & kGateway) != 0;
}

std::optional<Address> v6_address(std::string_view digits) {
  if (digits.size() != 32) return std::nullopt;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = hexadecimal(digits.substr(2 * i, 2));
    if (!byte) return std::nullopt;
    bytes[i] = static_cast<std::uint8_t>(*byte);
  }
  return Address::v6(bytes);
}

std::vector<std::vector<std::string>> words_of(std::string_view table) {
  std::vector<std::vector<std::string>> lines;
  std::istringstream in{std::string{table}};
  for (std::string line; std::getline(in, line);) {
    std::istringstream words{line};
    auto& row = lines.emplace_back();
    for (std::string word; words >> word;) row.push_back(word);
  }
  return lines;
}

std::string content(const std::filesystem::path& path) {
  try {
    return read_file(path, 64 * 1024);
  } catch (const std::system_error&) {
    return {};
  }
}

// A veth pair: the other end has another number, in another name space. A card of the machine links to itself.
bool is_cable_to_bridge(const std::string& interface) {
  const std::filesystem::path device = std::filesystem::path{"/sys/class/net"} / interface;
  const std::string link = content(device / "iflink");
  return !link.empty() && link != content(device / "ifindex");
}

}  // namespace

std::vector<DefaultRoute> default_routes(std::string_view table) {
  std::vector<DefaultRoute> routes;
  for (const auto& words : words_of(table)) {
    // Iface Destination Gateway Flags RefCnt Use Metric Mask ...; addresses as the machine's own integers
    if (words.size() < 8 || words[1] != "00000000" || words[7] != "00000000" || !goes_by_gateway(words[3])) continue;
    const auto number = hexadecimal(words[2]);
    if (!number) continue;
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &*number, bytes.size());
    routes.push_back({words[0], Address::v4(bytes)});
  }
  return routes;
}

std::vector<DefaultRoute> default_routes_v6(std::string_view table) {
  std::vector<DefaultRoute> routes;
  for (const auto& words : words_of(table)) {
    // destination prefix source prefix next-hop metric references uses flags interface
    if (words.size() < 10 || words[0].find_first_not_of('0') != std::string::npos || words[1] != "00" ||
        !goes_by_gateway(words[8]))
      continue;
    if (const auto gateway = v6_address(words[4])) routes.push_back({words[9], *gateway});
  }
  return routes;
}

ContainerView this_container() {
  std::error_code error;
  ContainerView view;
  view.marked = std::filesystem::exists("/.dockerenv", error) || std::filesystem::exists("/run/.containerenv", error);
  auto routes = default_routes(content("/proc/net/route"));
  const auto routes_v6 = default_routes_v6(content("/proc/net/ipv6_route"));
  routes.insert(routes.end(), routes_v6.begin(), routes_v6.end());
  for (const DefaultRoute& route : routes) {
    view.default_gateways.push_back(route.gateway);
    if (!view.bridge_address && is_cable_to_bridge(route.interface))
      view.bridge_address = local_address_towards({route.gateway, 5060});
  }
  return view;
}

bool is_in_container(const ContainerView& view, const Environment& environment) {
  const auto told = environment.find("SIP2MAIL_IN_CONTAINER");
  if (told != environment.end() && (told->second == "0" || told->second == "1")) return told->second == "1";
  return view.marked || environment.contains("container");
}

}  // namespace sip2mail
