#include "src/delivery/relay_pace.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

const Instant kStart{1000h};

struct RelayPaceTest : testing::Test {
  RelayPace pace{4, {1s, 2s, 5s}};
  void probe_fails(Instant at) {
    pace.began(at);
    pace.trouble(at);
  }
};

TEST_F(RelayPaceTest, OpensAllConnectionsOfARelayThatIsUp) {
  EXPECT_TRUE(pace.may_send(3, kStart));
  EXPECT_FALSE(pace.may_send(4, kStart));
}

TEST_F(RelayPaceTest, BeginsOnlySoManyMailsInAnyMinute) {
  RelayPace limited{4, {1s}, 2};
  limited.began(kStart);
  EXPECT_TRUE(limited.may_send(0, kStart));
  limited.began(kStart + 10s);
  EXPECT_FALSE(limited.may_send(0, kStart + 59s));
  EXPECT_EQ(limited.opens_at(0), kStart + 60s);
  EXPECT_TRUE(limited.may_send(0, kStart + 60s));
  limited.began(kStart + 60s);
  EXPECT_EQ(limited.opens_at(0), kStart + 70s);
}

TEST_F(RelayPaceTest, ProbesWithOneMailLaterAndLater) {
  pace.trouble(kStart);
  EXPECT_EQ(pace.opens_at(0), kStart + 1s);
  EXPECT_FALSE(pace.may_send(0, kStart));
  EXPECT_TRUE(pace.may_send(0, kStart + 1s));
  pace.began(kStart + 1s);
  EXPECT_FALSE(pace.may_send(1, kStart + 1s));
  pace.trouble(kStart + 1s);
  EXPECT_EQ(pace.opens_at(0), kStart + 3s);
  probe_fails(kStart + 3s);
  EXPECT_EQ(pace.opens_at(0), kStart + 8s);
  probe_fails(kStart + 8s);
  EXPECT_EQ(pace.opens_at(0), kStart + 13s);
}

TEST_F(RelayPaceTest, ProbesAtOnceWhereAnOperatorAsks) {
  pace.refused_everybody(kStart);
  EXPECT_FALSE(pace.may_send(0, kStart + 1min));
  pace.ask_now(kStart + 1min);
  EXPECT_TRUE(pace.may_send(0, kStart + 1min));
  pace.began(kStart + 1min);
  pace.ask_now(kStart + 1min);
  EXPECT_FALSE(pace.may_send(1, kStart + 1min)) << "one at a time";
}

TEST_F(RelayPaceTest, DoesNotCountTheMailsThatWereUnderWayWhenItWentDown) {
  pace.trouble(kStart);
  pace.trouble(kStart);
  pace.trouble(kStart + 500ms);
  EXPECT_EQ(pace.opens_at(0), kStart + 1s);
}

TEST_F(RelayPaceTest, OpensOneConnectionLessForAnHourWhereItWasTooMany) {
  pace.crowded(kStart);
  EXPECT_EQ(pace.standing(), RelayPace::Standing::up);
  EXPECT_TRUE(pace.may_send(2, kStart)) << "the others are not kept waiting";
  EXPECT_FALSE(pace.may_send(3, kStart));
  for (int i = 0; i < 9; ++i) pace.passed();
  EXPECT_FALSE(pace.may_send(3, kStart));
  pace.began(kStart + 59min);
  EXPECT_FALSE(pace.may_send(3, kStart + 59min));
  pace.began(kStart + 1h);
  pace.passed();
  EXPECT_TRUE(pace.may_send(3, kStart + 1h));
}

TEST_F(RelayPaceTest, IsDownWhereEvenOneConnectionIsTooMany) {
  for (int i = 0; i < 3; ++i) pace.crowded(kStart);
  EXPECT_EQ(pace.standing(), RelayPace::Standing::up);
  EXPECT_FALSE(pace.may_send(1, kStart));
  pace.crowded(kStart);
  EXPECT_EQ(pace.standing(), RelayPace::Standing::down);
}

TEST_F(RelayPaceTest, ComesBackWithOneConnectionAndDoubles) {
  pace.trouble(kStart);
  pace.began(kStart + 1s);
  pace.passed();
  EXPECT_EQ(pace.allowed(), 1);
  pace.passed();
  EXPECT_EQ(pace.allowed(), 2);
  pace.passed();
  pace.passed();
  EXPECT_EQ(pace.allowed(), 4);
  pace.trouble(kStart + 9s);
  EXPECT_EQ(pace.opens_at(0), kStart + 10s) << "from the first step again";
}

TEST_F(RelayPaceTest, AsksAMisconfiguredRelayEveryQuarterOfAnHour) {
  pace.refused_everybody(kStart);
  EXPECT_EQ(pace.opens_at(0), kStart + 15min);
  pace.began(kStart + 15min);
  pace.refused_everybody(kStart + 15min);
  EXPECT_EQ(pace.opens_at(0), kStart + 30min);
}

TEST_F(RelayPaceTest, AsksForASecondOpinionOfARelayThatHasPassedMail) {
  pace.passed();
  pace.refused_everybody(kStart);
  EXPECT_EQ(pace.opens_at(0), kStart + 1s);
  pace.began(kStart + 1s);
  pace.refused_everybody(kStart + 1s);
  EXPECT_EQ(pace.opens_at(0), kStart + 1s + 15min);
}

TEST_F(RelayPaceTest, HalvesTheRateOnceForABurstAndRampsUp) {
  pace.throttled(kStart);
  EXPECT_EQ(pace.standing(), RelayPace::Standing::up);
  EXPECT_EQ(pace.allowed(), 2);
  EXPECT_EQ(pace.gap(), 1s);
  pace.throttled(kStart + 10ms);
  EXPECT_EQ(pace.gap(), 1s) << "was under way when the rate was halved";
  EXPECT_FALSE(pace.may_send(0, kStart + 1s));
  pace.began(kStart + 2s);
  pace.throttled(kStart + 2s);
  EXPECT_EQ(pace.gap(), 2s);
  EXPECT_EQ(pace.allowed(), 1);
  for (int i = 0; i < 80; ++i) pace.passed();
  EXPECT_EQ(pace.gap(), 0s);
  EXPECT_EQ(pace.allowed(), 4);
}

}  // namespace
}  // namespace sip2mail
