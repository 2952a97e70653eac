#include "src/mail/zone.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

constexpr Timestamp kTime = Timestamp{std::chrono::sys_days{std::chrono::March / 1 / 2026} + 30min};

TEST(Zone, IsUtcUnlessOneIsLoaded) {
  EXPECT_EQ(Zone{}.format(kTime, "%Y-%m-%d %H:%M:%S %z"), "2026-03-01 00:30:00 +0000");
}

TEST(Zone, KnowsTheRulesOfAPlace) {
  EXPECT_EQ(Zone::load("Asia/Tokyo")->format(kTime, "%a, %d %b %Y %H:%M %Z %z"), "Sun, 01 Mar 2026 09:30 JST +0900");
  const Zone berlin = *Zone::load("Europe/Berlin");
  EXPECT_EQ(berlin.format(kTime, "%H:%M %Z"), "01:30 CET");
  EXPECT_EQ(berlin.format(kTime + std::chrono::days{120}, "%H:%M %Z"), "02:30 CEST");
}

TEST(Zone, RefusesAnUnknownName) {
  EXPECT_FALSE(Zone::load("Asia/Edo"));
  EXPECT_FALSE(Zone::load("../../etc/passwd"));
}

TEST(Zone, TakesTheSystemsZoneForAnEmptyName) {
  EXPECT_TRUE(Zone::load(""));
}

TEST(Zone, SurvivesTimesThatNoCalendarKnows) {
  EXPECT_NE(Zone{}.format(Timestamp::min(), "%Y"), "");
  EXPECT_NE(Zone{}.format(Timestamp::max(), "%Y"), "");
}

}  // namespace
}  // namespace sip2mail
