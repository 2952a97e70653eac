#include "src/routing/announced.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

Endpoint at(const char* address, std::uint16_t port = 0) {
  return {*Address::parse(address), port};
}

const Endpoint kLocal = at("172.17.0.2", 5060);
const Address kPeer = *Address::parse("198.51.100.7");

TEST(Announced, IsOurOwnAddressUntilAnotherIsSet) {
  EXPECT_EQ(announced_to(kPeer, kLocal, {}, {}), kLocal);
}

TEST(Announced, IsThePublicAddressWithOurPort) {
  EXPECT_EQ(announced_to(kPeer, kLocal, {at("203.0.113.5")}, {}), at("203.0.113.5", 5060));
}

TEST(Announced, TakesThePortThatWasGiven) {
  EXPECT_EQ(announced_to(kPeer, kLocal, {at("203.0.113.5", 15060)}, {}), at("203.0.113.5", 15060));
}

TEST(Announced, IsOfTheFamilyOfTheCall) {
  const std::vector<Endpoint> both{at("2001:db8::5"), at("203.0.113.5")};
  EXPECT_EQ(announced_to(kPeer, kLocal, both, {}), at("203.0.113.5", 5060));
  EXPECT_EQ(announced_to(*Address::parse("2001:db8::7"), at("fd00::2", 5060), both, {}), at("2001:db8::5", 5060));
  EXPECT_EQ(announced_to(kPeer, kLocal, {at("2001:db8::5")}, {}), kLocal);
}

TEST(Announced, IsOurOwnToPeersOfALocalNetwork) {
  const std::vector<Network> local{*Network::parse("172.17.0.0/16")};
  EXPECT_EQ(announced_to(*Address::parse("172.17.0.9"), kLocal, {at("203.0.113.5")}, local), kLocal);
  EXPECT_EQ(announced_to(kPeer, kLocal, {at("203.0.113.5")}, local), at("203.0.113.5", 5060));
}

}  // namespace
}  // namespace sip2mail
