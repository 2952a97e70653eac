#include "src/media/source_lock.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

Endpoint at(std::string_view address, std::uint16_t port) {
  return {*Address::parse(address), port};
}

constexpr Instant kStart{};
const OwnMedia kOwn{{*Address::parse("198.51.100.1"), *Address::parse("127.0.0.1")}, 20000, 20999};

SourceLock lock(const Endpoint& offered, std::string_view peer, bool at_once) {
  return {offered, *Address::parse(peer), at_once, kOwn};
}

TEST(SourceLock, SendsAtOnceOnlyWhereItMay) {
  EXPECT_EQ(lock(at("192.0.2.5", 4000), "192.0.2.5", true).target(), at("192.0.2.5", 4000));
  EXPECT_FALSE(lock(at("192.0.2.5", 4000), "203.0.113.9", false).target());
}

TEST(SourceLock, SendsToAnyOfferedAddressThatHasSent) {
  auto source = lock(at("192.0.2.5", 4000), "203.0.113.9", false);
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4000), kStart));
  EXPECT_EQ(source.target(), at("192.0.2.5", 4000));
}

TEST(SourceLock, HearsNoStranger) {
  auto source = lock(at("192.0.2.5", 4000), "192.0.2.5", true);
  EXPECT_FALSE(source.accepts(at("192.0.2.66", 4000), kStart));
  EXPECT_EQ(source.target(), at("192.0.2.5", 4000));
  EXPECT_FALSE(source.is_of_the_call(*Address::parse("192.0.2.66")));
}

TEST(SourceLock, FollowsTheSignallingPeerThroughNat) {
  auto source = lock(at("10.0.0.5", 4000), "203.0.113.9", false);
  EXPECT_FALSE(source.target());
  EXPECT_TRUE(source.accepts(at("203.0.113.9", 50123), kStart + 20s));  // it may have been silent until now
  EXPECT_EQ(source.target(), at("203.0.113.9", 50123));
  EXPECT_TRUE(source.is_of_the_call(*Address::parse("203.0.113.9")));
}

TEST(SourceLock, MovesOnlyInTheFirstSeconds) {
  auto source = lock(at("10.0.0.5", 4000), "203.0.113.9", false);
  EXPECT_TRUE(source.accepts(at("203.0.113.9", 50123), kStart));
  EXPECT_TRUE(source.accepts(at("203.0.113.9", 50124), kStart + 4s));
  EXPECT_FALSE(source.accepts(at("203.0.113.9", 50125), kStart + 6s));
  EXPECT_EQ(source.target(), at("203.0.113.9", 50124));
}

TEST(SourceLock, TheOfferedAddressWinsForGood) {
  auto source = lock(at("192.0.2.5", 4000), "192.0.2.5", true);
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4002), kStart));  // the end of another call of that PBX
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4000), kStart + 1s));
  EXPECT_FALSE(source.accepts(at("192.0.2.5", 4002), kStart + 1s));
  EXPECT_EQ(source.target(), at("192.0.2.5", 4000));
}

TEST(SourceLock, NeverReflects) {
  const auto target = [](std::string_view address, std::uint16_t port, std::string_view peer = "192.0.2.5") {
    return lock(at(address, port), peer, true).target();
  };
  EXPECT_FALSE(target("239.1.1.1", 4000));
  EXPECT_FALSE(target("ff02::1", 4000));
  EXPECT_FALSE(target("255.255.255.255", 4000));
  EXPECT_FALSE(target("0.0.0.0", 4000));
  EXPECT_FALSE(target("::", 4000));
  EXPECT_FALSE(target("192.0.2.5", 53));
  EXPECT_FALSE(target("127.0.0.1", 4000));
  EXPECT_TRUE(target("127.0.0.1", 4000, "127.0.0.1"));
  EXPECT_TRUE(target("127.0.0.1", 20004, "127.0.0.1"));  // a PBX beside us may have its ports in our range
  EXPECT_FALSE(target("198.51.100.1", 20000));
  EXPECT_TRUE(target("198.51.100.1", 30000));  // a PBX on our own machine
}

TEST(SourceLock, HoldsAndResumesWithoutForgetting) {
  auto source = lock(at("192.0.2.5", 4000), "192.0.2.5", true);
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4000), kStart));
  source.move(at("0.0.0.0", 4000), *Address::parse("192.0.2.5"), false);
  EXPECT_FALSE(source.target());
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4000), kStart));
  source.move(at("192.0.2.5", 4000), *Address::parse("192.0.2.5"), true);
  EXPECT_EQ(source.target(), at("192.0.2.5", 4000));
}

TEST(SourceLock, BeginsAnewAtAMovedAddress) {  // Asterisk's direct media
  auto source = lock(at("192.0.2.5", 4000), "192.0.2.5", true);
  EXPECT_TRUE(source.accepts(at("192.0.2.5", 4000), kStart));
  source.move(at("192.0.2.77", 6000), *Address::parse("192.0.2.5"), true);
  EXPECT_EQ(source.target(), at("192.0.2.77", 6000));
  EXPECT_TRUE(source.accepts(at("192.0.2.77", 6000), kStart + 60s));
  EXPECT_FALSE(source.accepts(at("192.0.2.5", 4000), kStart + 60s));
}

}  // namespace
}  // namespace sip2mail
