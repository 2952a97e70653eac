#include "gateway/config/container.hpp"

#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

constexpr const char* kRoutes =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
    "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n";
constexpr const char* kRoutesV6 =
    "fd000000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 "
    "00000100 00000001 00000000 00000001     eth0\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fd000000000000000000000000000001 "
    "00000400 00000001 00000000 00000003     eth0\n"
    "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 "
    "ffffffff 00000001 00000000 00200200       lo\n";

TEST(Container, FindsTheGatewaysOfTheDefaultRoutes) {
  EXPECT_EQ(default_routes(kRoutes), (std::vector<DefaultRoute>{{"eth0", *Address::parse("172.17.0.1")}}));
  EXPECT_EQ(default_routes_v6(kRoutesV6), (std::vector<DefaultRoute>{{"eth0", *Address::parse("fd00::1")}}));
}

TEST(Container, FindsNoneInWhatIsNoTable) {
  for (const char* odd : {"", "\n\n", "eth0 00000000 x 0003 0 0 0 00000000", "a b c", "eth0 00000000 0100"}) {
    EXPECT_TRUE(default_routes(odd).empty()) << odd;
    EXPECT_TRUE(default_routes_v6(odd).empty()) << odd;
  }
}

TEST(Container, IsSeenByAMarkOrTheEnvironmentUnlessToldOtherwise) {
  EXPECT_FALSE(is_in_container({}, {}));
  EXPECT_TRUE(is_in_container({.marked = true}, {}));
  EXPECT_TRUE(is_in_container({}, {{"container", "podman"}}));
  EXPECT_TRUE(is_in_container({}, {{"SIP2MAIL_IN_CONTAINER", "1"}}));
  EXPECT_FALSE(is_in_container({.marked = true}, {{"container", "oci"}, {"SIP2MAIL_IN_CONTAINER", "0"}}));
}

class ConfigInContainer : public ConfigTest {
 protected:
  ConfigInContainer() { machine_.container = {true, {*Address::parse("172.17.0.1")}, *Address::parse("172.17.0.2")}; }
  const std::string plain_ = "[mailbox.1]\nemail = a@b\n[relay]\nurl = maildir:m\n";
};

constexpr const char* kTrustWarning =
    "sip.trusted: not set, and this is a container: its default gateway, 172.17.0.1, may not call, as NAT makes every "
    "stranger look like it; set it to the addresses of your PBX";
constexpr const char* kAddressWarning =
    "sip.public-address: not set, and this is a container behind a bridge: callers are told 172.17.0.2, which nobody "
    "outside of it reaches; set it to the address of the host";

TEST_F(ConfigInContainer, SaysWhatToSet) {
  const Loaded loaded = load_text(plain_);
  EXPECT_EQ(joined(loaded.warnings), kTrustWarning + std::string{"\n"} + kAddressWarning);
  EXPECT_EQ(loaded.settings.sip.container_gateways, machine_.container.default_gateways);
}

TEST_F(ConfigInContainer, IsQuietOnceItIsSet) {
  EXPECT_EQ(warnings(plain_ + "[sip]\ntrusted = 192.0.2.10\npublic-address = 203.0.113.5\n"), "");
  EXPECT_EQ(warnings(plain_ + "[sip]\nlisten = udp:127.0.0.1:5060\n"), "");
}

TEST_F(ConfigInContainer, KnowsNoBridgeOnTheNetworkOfTheHost) {
  machine_.container.bridge_address.reset();
  EXPECT_EQ(warnings(plain_), kTrustWarning);
}

TEST_F(ConfigInContainer, IsToldThatItIsNone) {
  sources_.environment = {{"SIP2MAIL_IN_CONTAINER", "0"}};
  const Loaded loaded = load_text(plain_);
  EXPECT_EQ(joined(loaded.warnings), "");
  EXPECT_TRUE(loaded.settings.sip.container_gateways.empty());
  sources_.environment = {{"SIP2MAIL_IN_CONTAINER", "yes"}};
  EXPECT_EQ(errors(plain_), "SIP2MAIL_IN_CONTAINER: \"yes\" is neither 0 nor 1");
}

TEST_F(ConfigInContainer, WithACatchAllForAnybodyTrustsOnlyLoopback) {
  const Loaded loaded = load_text("[mailbox.*]\nemail = {mailbox}@example.com\n[relay]\nurl = maildir:m\n");
  EXPECT_FALSE(contains(loaded.settings.sip.trusted, *Address::parse("172.17.0.1")));
}

TEST_F(ConfigTest, ReadsThePublicAddresses) {
  const auto addresses = [&](const std::string& value) {
    std::string all;
    const Loaded loaded = load_text("[sip]\npublic-address = " + value + "\n");
    for (const Endpoint& outside : loaded.settings.sip.public_addresses) all += outside.text() + " ";
    return all + joined(loaded.errors);
  };
  EXPECT_EQ(addresses("203.0.113.5"), "203.0.113.5:0 ");
  EXPECT_EQ(addresses("203.0.113.5:15060, [2001:db8::5]:5061"), "203.0.113.5:15060 [2001:db8::5]:5061 ");
  EXPECT_EQ(addresses("2001:db8::5"), "[2001:db8::5]:0 ");
  EXPECT_EQ(addresses(""), "");
  const std::string form = " is not ADDRESS or ADDRESS:PORT, like 192.0.2.1 or [2001:db8::1]:5060";
  EXPECT_EQ(addresses("vm.example.com"), "F:2: sip.public-address: \"vm.example.com\"" + form);
  EXPECT_EQ(addresses("vm.example.com:5060"), "F:2: sip.public-address: \"vm.example.com:5060\"" + form);
  EXPECT_EQ(addresses("203.0.113.5:0"), "F:2: sip.public-address: \"0\" is not a whole number from 1 to 65535");
  EXPECT_EQ(addresses("0.0.0.0"), "F:2: sip.public-address: \"0.0.0.0\" is no address that a caller could reach");
  EXPECT_EQ(addresses("203.0.113.5, 203.0.113.6"),
            "F:2: sip.public-address: \"203.0.113.6\": there is one for IPv4 already, 203.0.113.5");
}

}  // namespace
}  // namespace sip2mail
