#include "src/routing/trust.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

const std::vector<Network> kOffice{*Network::parse("10.0.0.0/8")};
const std::vector<Mailbox> kOne{{"2001", {"taro@example.com"}, "", "sip2mail.conf:3"}};
const std::vector<Mailbox> kAnybody{{"*", {"{mailbox}@example.com"}, "", "sip2mail.conf:7"}};
const std::vector<Mailbox> kBuiltInOnly{{"*", {"{mailbox}@localhost"}, "", std::string{kBuiltIn}}};

bool trusts(const Trust& trust, const char* peer) {
  return trust.covers(*Address::parse(peer));
}

TEST(Trust, IsWhatWasSet) {
  const Trust trust = effective_trust(kOffice, true, kAnybody, {*Address::parse("10.0.0.1")});
  EXPECT_EQ(trust.networks, kOffice);
  EXPECT_TRUE(trusts(trust, "10.0.0.1"));
}

TEST(Trust, IsTheDefaultWhileNobodyCanChooseAnAddress) {
  EXPECT_EQ(effective_trust(kOffice, false, kOne, {}).networks, kOffice);
  EXPECT_EQ(effective_trust(kOffice, false, kBuiltInOnly, {}).networks, kOffice);
}

TEST(Trust, IsOnlyLoopbackWithACatchAllThatMailsAnybody) {
  const Trust trust = effective_trust(kOffice, false, kAnybody, {});
  EXPECT_FALSE(trusts(trust, "10.1.2.3"));
  EXPECT_TRUE(trusts(trust, "127.0.0.1"));
  EXPECT_TRUE(trusts(trust, "::ffff:127.0.0.1"));
}

TEST(Trust, LeavesOutTheGatewayOfTheContainerThatHidesStrangers) {
  const Trust trust = effective_trust(kOffice, false, kOne, {*Address::parse("10.0.0.1"), *Address::parse("fe80::1")});
  EXPECT_FALSE(trusts(trust, "10.0.0.1"));
  EXPECT_FALSE(trusts(trust, "::ffff:10.0.0.1"));
  EXPECT_TRUE(trusts(trust, "10.0.0.2"));
  EXPECT_TRUE(trust.excepts(*Address::parse("10.0.0.1")));
  EXPECT_FALSE(trust.excepts(*Address::parse("fe80::1")));  // it was not trusted anyway
}

TEST(RateLimit, CountsEachAddressEachSecond) {
  RateLimit limit{2};
  const Address a = *Address::parse("192.0.2.1");
  const Address b = *Address::parse("192.0.2.2");
  const Instant start{};
  EXPECT_TRUE(limit.admit(a, start + 10s));
  EXPECT_TRUE(limit.admit(a, start + 10s));
  EXPECT_FALSE(limit.admit(a, start + 10s));
  EXPECT_TRUE(limit.admit(b, start + 10s));
  EXPECT_TRUE(limit.admit(a, start + 11s));
  EXPECT_TRUE(RateLimit{0}.admit(a, start));
}

}  // namespace
}  // namespace sip2mail
