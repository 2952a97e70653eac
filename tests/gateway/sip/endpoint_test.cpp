#include "gateway/sip/endpoint.hpp"

#include <gtest/gtest.h>

#include <system_error>

#include "tests/gateway/sip/sip_bench.hpp"

namespace sip2mail {
namespace {

Address address(const char* text) {
  return *Address::parse(text);
}

// Listens on all addresses, at a port that was free a moment ago: another try where somebody was faster.
class EverywhereTest : public testing::Test {
 protected:
  EverywhereTest() {
    for (int tried = 0; !endpoint && tried < 20; ++tried) {
      port = local_endpoint(bind_udp({address("0.0.0.0"), 0})->get()).port;
      settings.sip.listen = {{Transport::udp, {address("0.0.0.0"), port}}};
      try {
        endpoint.emplace(
            loop, settings, [](const Address&) { return true; }, log);
      } catch (const std::system_error&) {
      }
    }
    endpoint->on_arrival([](Arrival&& arrival) { reply(std::move(arrival), {.status = 200, .phrase = "OK"}); });
  }

  [[nodiscard]] std::string place(const char* host) const {
    return "udp:" + std::string{host} + ":" + std::to_string(port);
  }
  [[nodiscard]] bool listens_on(const char* host) const {
    return ("," + endpoint->listening() + ",").find("," + place(host) + ",") != std::string::npos;
  }
  bool answers_at(const char* host) {
    SipPeer peer{host};
    peer.send(peer.request("OPTIONS", "sip:gateway"), {address(host), port});
    std::optional<std::string> got;
    return turn_until(loop, [&] { return (got = peer.receive()).has_value(); });
  }

  Settings settings;
  Log log{LogFormat::logfmt, Level::error, LogTo::standard_error};
  SipLoop loop;
  std::optional<SipEndpoint> endpoint;
  std::uint16_t port = 0;
};

TEST_F(EverywhereTest, AnAddressThatComesLaterIsListenedOn) {
  EXPECT_TRUE(listens_on("127.0.0.1"));
  EXPECT_FALSE(listens_on("127.0.0.2"));
  endpoint->follow({address("127.0.0.1"), address("127.0.0.2"), address("fe80::1"), address("::1")});
  EXPECT_TRUE(answers_at("127.0.0.2"));
  EXPECT_TRUE(answers_at("127.0.0.1"));
  EXPECT_FALSE(listens_on("[::1]")) << "another family than sip.listen says";
  const std::string listening = endpoint->listening();
  endpoint->follow({address("127.0.0.1"), address("127.0.0.2")});
  EXPECT_EQ(endpoint->listening(), listening) << "twice on one address";
}

TEST_F(EverywhereTest, OneThatIsTakenIsTriedAgainAndSaidOnce) {
  auto other = bind_udp({address("127.0.0.3"), port});
  ASSERT_TRUE(other);
  endpoint->follow({address("127.0.0.3")});
  endpoint->follow({address("127.0.0.3")});
  EXPECT_FALSE(listens_on("127.0.0.3"));
  other->reset();
  endpoint->follow({address("127.0.0.3")});
  EXPECT_TRUE(answers_at("127.0.0.3"));
}

TEST_F(EverywhereTest, WhatIsNotOursYetWaits) {
  endpoint->follow({address("192.0.2.77")});
  EXPECT_FALSE(listens_on("192.0.2.77"));
  EXPECT_TRUE(answers_at("127.0.0.1"));
}

TEST(SipEndpoint, ListensOnWhatIsNamedOnly) {
  Settings settings;
  settings.sip.listen = {{Transport::udp, {address("127.0.0.1"), 0}}};
  Log log{LogFormat::logfmt, Level::error, LogTo::standard_error};
  SipLoop loop;
  SipEndpoint endpoint{loop, settings, [](const Address&) { return true; }, log};
  const std::string listening = endpoint.listening();
  endpoint.follow({address("127.0.0.1"), address("127.0.0.2")});
  EXPECT_EQ(endpoint.listening(), listening);
}

}  // namespace
}  // namespace sip2mail
