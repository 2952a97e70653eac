// gateway/config/container.hpp -- whether we run in a container, and how it looks from within: the ways out of it and
// whether a bridge stands before us.
//
// Pure, except for this_container(), which reads /proc and /sys. Where a file is missing or odd, nothing is known of
// it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/environment.hpp"
#include "src/base/network.hpp"

namespace sip2mail {

struct DefaultRoute {
  std::string interface;
  Address gateway;
  auto operator<=>(const DefaultRoute&) const = default;
};

// Of /proc/net/route and /proc/net/ipv6_route: those that go by a gateway.
[[nodiscard]] std::vector<DefaultRoute> default_routes(std::string_view table);
[[nodiscard]] std::vector<DefaultRoute> default_routes_v6(std::string_view table);

struct ContainerView {
  bool marked = false;                    // /.dockerenv or /run/.containerenv
  std::vector<Address> default_gateways;  // NAT may hide strangers behind them
  std::optional<Address> bridge_address;  // ours, when the way out is one end of a cable to a bridge
};

[[nodiscard]] ContainerView this_container();

// By marks or `container` in the environment; SIP2MAIL_IN_CONTAINER=0|1 overrides both.
[[nodiscard]] bool is_in_container(const ContainerView& view, const Environment& environment);

}  // namespace sip2mail
