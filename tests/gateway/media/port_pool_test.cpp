#include "gateway/media/port_pool.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <string>

#include "gateway/base/sockets.hpp"

namespace sip2mail {
namespace {

// A loopback address of this process alone (127/8 is all ours), and ports below those that the system hands out: the
// tests run many at once, and none may take what another has just found free.
Address own_loopback() {
  const auto id = static_cast<unsigned>(::getpid());
  return *Address::parse("127." + std::to_string(1 + (id >> 16) % 254) + "." + std::to_string((id >> 8) & 255) + "." +
                         std::to_string(id & 255));
}

const Address kLoopback = own_loopback();

constexpr PortRange range_of(int pairs) {
  return {21000, static_cast<std::uint16_t>(21000 + 2 * pairs - 1)};
}

TEST(PortPool, GivesEvenPortsWithTheNextForRtcp) {
  PortPool pool{range_of(4)};
  const auto pair = pool.take(kLoopback);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->port % 2, 0);
  EXPECT_EQ(local_endpoint(pair->rtp.get()).port, pair->port);
  EXPECT_EQ(local_endpoint(pair->rtcp.get()).port, pair->port + 1);
}

TEST(PortPool, GivesEachOnceAndThenNone) {
  PortPool pool{range_of(4)};
  EXPECT_EQ(pool.pairs(), 4);
  std::vector<PortPair> pairs;
  std::set<int> ports;
  for (int i = 0; i < 4; ++i) {
    auto pair = pool.take(kLoopback);
    ASSERT_TRUE(pair);
    ports.insert(pair->port);
    pairs.push_back(std::move(*pair));
  }
  EXPECT_EQ(ports.size(), 4U);
  EXPECT_FALSE(pool.take(kLoopback));
  const int given_back = pairs[2].port;
  pairs.erase(pairs.begin() + 2);
  EXPECT_EQ(pool.take(kLoopback)->port, given_back);
}

TEST(PortPool, PassesOverABusyPort) {
  const PortRange range = range_of(2);
  const auto busy = bind_udp({kLoopback, static_cast<std::uint16_t>(range.first + 1)});  // an RTCP port is enough
  ASSERT_TRUE(busy);
  PortPool pool{range};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pool.take(kLoopback)->port, range.first + 2);
}

TEST(PortPool, LetsAPortRest) {
  PortPool pool{range_of(4)};
  const int first = pool.take(kLoopback)->port;
  EXPECT_NE(pool.take(kLoopback)->port, first);
}

TEST(PortPool, CountsWholePairsOnly) {
  EXPECT_EQ(PortPool({20000, 20999}).pairs(), 500);
  EXPECT_EQ(PortPool({20001, 20004}).pairs(), 1);
  EXPECT_EQ(PortPool({20000, 20000}).pairs(), 0);
  EXPECT_EQ(PortPool({65535, 65535}).pairs(), 0);
  EXPECT_FALSE(PortPool({20000, 20000}).take(kLoopback));
}

TEST(PortPool, ThrowsWhenTheAddressIsNotOurs) {
  PortPool pool{range_of(5)};
  EXPECT_THROW((void)pool.take(*Address::parse("192.0.2.1")), std::system_error);
}

}  // namespace
}  // namespace sip2mail
