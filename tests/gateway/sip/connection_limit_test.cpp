#include "gateway/sip/connection_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/gateway/sip/sip_bench.hpp"

namespace sip2mail {
namespace {

const Address kFriend = *Address::parse("127.0.0.1");

// A gateway that listens by TCP; whom it trusts is at kFriend.
class ConnectionLimitTest : public testing::Test {
 protected:
  ConnectionLimitTest() {
    settings.sip.listen = {{Transport::tcp, {kFriend, 0}}};
    settings.sip.max_calls = 1;
    endpoint.emplace(
        loop, settings, [](const Address& address) { return address == kFriend; }, log);
    const std::string listening = endpoint->listening();
    where = to_sockaddr({kFriend, static_cast<std::uint16_t>(std::stoi(listening.substr(listening.rfind(':') + 1)))});
  }

  Fd connect_from(const std::string& address) {
    Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const auto from = to_sockaddr({*Address::parse(address), 0});
    EXPECT_EQ(::bind(socket.get(), from.get(), from.length), 0);
    EXPECT_EQ(::connect(socket.get(), where.get(), where.length), 0);
    return socket;
  }
  std::vector<Fd> connect_from(const std::string& address, std::size_t times) {
    std::vector<Fd> all;
    while (all.size() < times) all.push_back(connect_from(address));
    return all;
  }
  void turn(int steps) {
    for (int i = 0; i < steps; ++i) su_root_step(loop.root(), 1);
  }
  static bool is_closed(const Fd& socket) {
    char byte = 0;
    return ::recv(socket.get(), &byte, 1, MSG_DONTWAIT) == 0;
  }
  bool becomes_closed(const Fd& socket) {
    return turn_until(loop, [&] { return is_closed(socket); });
  }

  Settings settings;
  Log log{LogFormat::logfmt, Level::error};
  SipLoop loop;
  std::optional<SipEndpoint> endpoint;
  SocketAddress where;
};

TEST_F(ConnectionLimitTest, AStrangerHoldsOnlyAFew) {
  auto strangers = connect_from("127.0.0.2", ConnectionLimit::kMostOfOneStranger + 1);
  EXPECT_TRUE(becomes_closed(strangers.back()));
  EXPECT_FALSE(is_closed(strangers.front()));
  const auto friends = connect_from("127.0.0.1", ConnectionLimit::kMostOfOneStranger + 1);
  turn(20);
  EXPECT_FALSE(is_closed(friends.back()));
  // One that goes makes room.
  strangers.front().reset();
  EXPECT_TRUE(turn_until(loop, [&] {
    const Fd again = connect_from("127.0.0.2");
    turn(5);
    return !is_closed(again);
  }));
}

TEST_F(ConnectionLimitTest, OfAllStrangersTogetherTheOldestGoes) {
  std::vector<Fd> strangers;
  for (int host = 1; strangers.size() < ConnectionLimit::kMostOfStrangers; ++host) {
    for (Fd& socket : connect_from("127.0.1." + std::to_string(host), ConnectionLimit::kMostOfOneStranger))
      strangers.push_back(std::move(socket));
    turn(20);
  }
  turn(20);
  EXPECT_FALSE(is_closed(strangers.front()));
  const Fd newest = connect_from("127.0.2.1");
  EXPECT_TRUE(becomes_closed(strangers.front()));
  EXPECT_FALSE(is_closed(strangers[1]));
  EXPECT_FALSE(is_closed(newest));
}

TEST_F(ConnectionLimitTest, NobodyTakesTheDescriptorsThatCallsNeed) {
  auto friends = connect_from("127.0.0.1", 4);
  turn(20);
  EXPECT_FALSE(is_closed(friends.back()));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 2 * (static_cast<rlim_t>(friends.back().get()) + 8);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  for (Fd& socket : connect_from("127.0.0.1", 10)) friends.push_back(std::move(socket));
  EXPECT_TRUE(becomes_closed(friends.back()));
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace sip2mail
