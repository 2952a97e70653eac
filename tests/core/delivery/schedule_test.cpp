#include "src/delivery/schedule.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

const Schedule kSchedule{{1min, 2min, 5min}, 10min};
const Instant kStart{1000h};

TEST(Schedule, StepsThroughTheRetriesAndRepeatsTheLast) {
  EXPECT_EQ(kSchedule.delay(0, 0.5), 1min);
  EXPECT_EQ(kSchedule.delay(1, 0.5), 2min);
  EXPECT_EQ(kSchedule.delay(2, 0.5), 5min);
  EXPECT_EQ(kSchedule.delay(99, 0.5), 5min);
}

TEST(Schedule, SpreadsTheTriesByAFifth) {
  EXPECT_EQ(kSchedule.delay(0, 0.0), 48s);
  EXPECT_EQ(kSchedule.delay(0, 1.0), 72s);
}

TEST(Schedule, NeverGivesUpAtTheFirstRefusal) {
  EXPECT_FALSE(kSchedule.over(9, std::nullopt, kStart));
}

TEST(Schedule, GivesUpAfterItsLifetimeButNotBeforeEveryStepWasUsed) {
  EXPECT_FALSE(kSchedule.over(3, kStart, kStart + 10min - 1ms));
  EXPECT_TRUE(kSchedule.over(3, kStart, kStart + 10min));
  EXPECT_FALSE(kSchedule.over(2, kStart, kStart + 240h));
}

}  // namespace
}  // namespace sip2mail
