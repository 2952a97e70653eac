#include "src/media/timeline.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sip2mail {
namespace {

using Placed = Timeline::Placed;
constexpr Instant kStart{std::chrono::hours{1}};

// A sender of 20 ms packets; packet n holds the value n in all its 160 samples.
class TimelineTest : public testing::Test {
 protected:
  Placed packet(int n, Delay arrival, std::size_t samples = 160) {
    RtpPacket rtp;
    rtp.ssrc = ssrc_;
    rtp.sequence = static_cast<std::uint16_t>(first_sequence_ + static_cast<std::uint32_t>(n));
    rtp.timestamp = first_timestamp_ + static_cast<std::uint32_t>(n) * 160;
    const std::vector<std::int16_t> sound(samples, static_cast<std::int16_t>(n));
    const Placed placed = timeline_.add(rtp, sound, kStart + arrival);
    take(timeline_.settled(kStart + arrival));
    return placed;
  }
  void packets(int from, int to) {  // each at the end of its 20 ms
    for (int n = from; n < to; ++n) EXPECT_EQ(packet(n, (n + 1) * 20ms), Placed::recorded) << n;
  }
  void take(std::span<const std::int16_t> samples) { heard_.insert(heard_.end(), samples.begin(), samples.end()); }
  void finish(Delay end) { take(timeline_.finish(kStart + end)); }

  // The recording in 20 ms steps: "1 2 - 4" with '-' for silence; a step that is no whole one is '?'.
  std::string steps() const {
    std::string out;
    for (std::size_t i = 0; i < heard_.size(); i += 160) {
      const std::size_t length = std::min<std::size_t>(160, heard_.size() - i);
      bool whole = length == 160;
      for (std::size_t j = 0; j < length; ++j) whole = whole && heard_[i + j] == heard_[i];
      out += (out.empty() ? "" : " ") + (whole ? heard_[i] == 0 ? "-" : std::to_string(heard_[i]) : "?");
    }
    return out;
  }

  Timeline timeline_{8000};
  std::vector<std::int16_t> heard_;
  std::uint32_t first_sequence_ = 65530;         // wraps around
  std::uint32_t first_timestamp_ = 0xFFFFFC00U;  // this, too
  std::uint32_t ssrc_ = 7;
};

TEST_F(TimelineTest, IsTheSamplesThatWereSent) {
  timeline_.begin(kStart);
  packets(0, 500);
  finish(10s);
  ASSERT_EQ(heard_.size(), 80000U);
  for (std::size_t i = 0; i < heard_.size(); ++i) ASSERT_EQ(heard_[i], static_cast<std::int16_t>(i / 160)) << i;
  EXPECT_EQ(timeline_.counts().lost(), 0);
  EXPECT_EQ(timeline_.counts().recorded, 500);
}

TEST_F(TimelineTest, BeginsInTheMiddleOfAStream) {
  for (int n = -100; n < 0; ++n) EXPECT_EQ(packet(n, (n + 1) * 20ms), Placed::early);
  timeline_.begin(kStart);
  packets(0, 10);
  finish(200ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6 7 8 9");
}

TEST_F(TimelineTest, CutsThePacketThatWasSpokenAcrossTheBeginning) {
  for (int n = -100; n < 0; ++n) packet(n, (n + 1) * 20ms);
  timeline_.begin(kStart - 10ms);
  packets(0, 3);
  finish(60ms);
  EXPECT_EQ(heard_.size(), 160U * 3 + 80);
}

TEST_F(TimelineTest, AnchorsAtTheFastestPacketBeforeTheBeginning) {
  for (int n = -100; n < 0; ++n) packet(n, (n + 1) * 20ms + (n % 5 == 0 ? 0ms : 80ms));  // drained in fives
  timeline_.begin(kStart);
  for (int n = 0; n < 10; ++n) EXPECT_EQ(packet(n, (n + 1) * 20ms + 80ms), Placed::recorded);
  finish(200ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6 7 8 9");
}

TEST_F(TimelineTest, LostPacketsAreSilence) {
  timeline_.begin(kStart);
  packets(0, 4);
  packets(6, 9);
  finish(180ms);
  EXPECT_EQ(steps(), "- 1 2 3 - - 6 7 8");
  EXPECT_EQ(timeline_.counts().lost(), 2);
}

TEST_F(TimelineTest, PutsOvertakenPacketsInOrder) {
  timeline_.begin(kStart);
  packets(0, 2);
  packet(4, 100ms);
  packet(2, 100ms);
  packet(3, 100ms);
  packets(5, 7);
  finish(140ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6");
  EXPECT_EQ(timeline_.counts().lost(), 0);
}

TEST_F(TimelineTest, DropsAndCountsWhatIsTooLate) {
  timeline_.begin(kStart);
  packets(0, 2);
  packets(3, 20);
  EXPECT_EQ(packet(2, 420ms), Placed::late);
  packets(20, 22);
  finish(440ms);
  EXPECT_EQ(steps(), "- 1 - 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21");
  EXPECT_EQ(timeline_.counts().late, 1);
}

TEST_F(TimelineTest, SilenceSuppressionStaysTime) {  // DTX: nothing for seconds, then timestamps go on with the clock
  timeline_.begin(kStart);
  packets(0, 2);
  take(timeline_.settled(kStart + 5s));
  EXPECT_EQ(heard_.size(), 3U * 8000);  // two seconds may still come
  EXPECT_EQ(timeline_.waiting(kStart + 5s), 2s);
  first_sequence_ -= 248;
  packets(250, 252);
  finish(5040ms);
  EXPECT_EQ(heard_.size(), 252U * 160);
  EXPECT_EQ(heard_[250 * 160], 250);
  EXPECT_EQ(heard_[250 * 160 - 1], 0);
}

TEST_F(TimelineTest, ComfortNoiseIsSilence) {
  timeline_.begin(kStart);
  packets(0, 2);
  EXPECT_EQ(packet(2, 60ms, 0), Placed::silent);
  packets(5, 6);
  finish(120ms);
  EXPECT_EQ(steps(), "- 1 - - - 5");
}

TEST_F(TimelineTest, KeepsWhatASenderWithAStoppedClockSays) {  // timestamps stand still while it sends nothing
  timeline_.begin(kStart);
  packets(0, 2);
  take(timeline_.settled(kStart + 5s));
  EXPECT_EQ(packet(2, 5s), Placed::recorded);
  EXPECT_EQ(packet(3, 5020ms), Placed::recorded);
  finish(5020ms);
  ASSERT_EQ(heard_.size(), 5020U * 8);
  EXPECT_EQ(heard_.back(), 3);
}

TEST_F(TimelineTest, AnotherSourceIsAnchoredByItsArrival) {
  timeline_.begin(kStart);
  packets(0, 5);
  ssrc_ = 8;
  first_timestamp_ = 99;
  first_sequence_ = 5;
  packets(5, 10);
  finish(200ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6 7 8 9");
}

TEST_F(TimelineTest, ATimestampThatJumpsIsAnchoredByItsArrival) {
  timeline_.begin(kStart);
  packets(0, 5);
  first_timestamp_ += 800'000;
  packets(5, 10);
  first_timestamp_ -= 400'000;
  packets(10, 12);
  finish(240ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6 7 8 9 10 11");
}

TEST_F(TimelineTest, ASequenceThatBeginsAnewIsTaken) {
  timeline_.begin(kStart);
  packets(0, 5);
  first_sequence_ += 20'000;
  packets(5, 8);
  first_sequence_ -= 10'000;
  packets(8, 10);
  finish(200ms);
  EXPECT_EQ(steps(), "- 1 2 3 4 5 6 7 8 9");
}

TEST_F(TimelineTest, NothingHostileMakesItLongerThanTheCall) {
  timeline_.begin(kStart);
  std::mt19937 random{5};
  for (int n = 0; n < 50'000; ++n) {
    first_timestamp_ += random() % 3 == 0 ? static_cast<std::uint32_t>(random()) : 8000U;
    first_sequence_ += random() % 10 == 0 ? static_cast<std::uint32_t>(random()) : 0U;
    if (random() % 100 == 0) ssrc_ = static_cast<std::uint32_t>(random());
    packet(n, n / 10 * 1ms);
  }
  finish(5s);
  EXPECT_GE(heard_.size(), 5U * 8000);
  EXPECT_LE(heard_.size(), 7U * 8000);
}

TEST_F(TimelineTest, TakesABurstAfterAStalledNetwork) {
  timeline_.begin(kStart);
  packets(0, 10);
  take(timeline_.settled(kStart + 1700ms));
  for (int n = 10; n < 85; ++n) EXPECT_EQ(packet(n, 1700ms), Placed::recorded) << n;
  finish(1700ms);
  ASSERT_EQ(heard_.size(), 85U * 160);
  for (std::size_t i = 0; i < heard_.size(); ++i) ASSERT_EQ(heard_[i], static_cast<std::int16_t>(i / 160)) << i;
}

TEST_F(TimelineTest, EndsWithSilenceUpToTheHangUp) {
  timeline_.begin(kStart);
  packets(0, 3);
  finish(1s);
  EXPECT_EQ(heard_.size(), 8000U);
}

TEST_F(TimelineTest, IsEmptyWhenNothingBegan) {
  packet(0, 20ms);
  finish(1s);
  EXPECT_TRUE(heard_.empty());
}

}  // namespace
}  // namespace sip2mail
