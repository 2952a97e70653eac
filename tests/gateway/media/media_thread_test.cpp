#include "tests/gateway/media/media_fixture.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

TEST_F(MediaThreadTest, SendsNothingBeforeTheAck) {
  open();
  speak(2s);
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, PlaysGreetingAndBeepInStepWithTheClock) {
  open();
  play();
  step(200ms);
  ASSERT_EQ(heard_.size(), 7U);
  std::string all;
  for (std::size_t i = 0; i < heard_.size(); ++i) {
    all += heard_[i].got.payload[0];
    EXPECT_EQ(heard_[i].at - heard_[0].at, i * 20ms);
    EXPECT_EQ(heard_[i].got.header.marker, i == 0);
    EXPECT_EQ(heard_[i].got.header.payload_type, 0);
    EXPECT_EQ(heard_[i].got.header.ssrc, heard_[0].got.header.ssrc);
    EXPECT_EQ(static_cast<std::uint16_t>(heard_[i].got.header.sequence - heard_[0].got.header.sequence), i);
    EXPECT_EQ(heard_[i].got.header.timestamp - heard_[0].got.header.timestamp, i * 160);
  }
  EXPECT_EQ(all, "abcdeBC");
  EXPECT_EQ(taken(), "PromptDone ");
  EXPECT_EQ(prompt_done_, utc_ + std::chrono::floor<Delay>(heard_[0].at + 140ms - kStart));
}

TEST_F(MediaThreadTest, CatchesUpWithoutABurst) {
  plan_.greeting = fake_prompt('a', 20);
  open();
  play();
  step(5ms);
  time_ += 100ms;  // the process was stopped
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    const std::size_t before = heard_.size();
    step(5ms);
    most = std::max(most, heard_.size() - before);
  }
  EXPECT_EQ(heard_.size(), 22U);
  EXPECT_EQ(most, 1U);
  EXPECT_EQ(heard_.back().at - heard_.front().at, 21 * 20ms);
}

TEST_F(MediaThreadTest, WaitsForAStrangersFirstPacket) {
  plan_.send_at_once = false;
  open();
  play();
  step(500ms);
  EXPECT_TRUE(heard_.empty());
  speak(300ms);
  EXPECT_EQ(heard_.size(), 7U);
  EXPECT_EQ(taken(), "PromptDone ");
}

TEST_F(MediaThreadTest, NeverPlaysToWhoMayNotGetIt) {
  plan_.send_at_once = false;
  open();
  play();
  step(2s);
  EXPECT_TRUE(heard_.empty());
  EXPECT_EQ(taken(), "PromptDone ");  // it is recorded all the same
}

TEST_F(MediaThreadTest, TellsTheFinishKeyOnce) {
  reach_recording();
  speak(200ms);
  const std::string press{"\x0B\x0A\x00\xA0", 4};
  const std::string end{"\x0B\x8A\x01\x40", 4};
  for (const std::string& packet : {press, press, end, end, end}) {
    peer_.send(ours_, 101, packet, 0);
    step(20ms);
  }
  step(200ms);
  EXPECT_EQ(taken(), "FinishKey ");
  peer_.lose(10);
  peer_.send(ours_, 101, press, 0);
  step(200ms);
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, AFinishKeySkipsTheGreeting) {
  plan_.greeting = fake_prompt('a', 20);
  open();
  play();
  step(60ms);
  peer_.send(ours_, 101, std::string{"\x0B\x8A\x01\x40", 4}, 0);
  step(200ms);
  EXPECT_EQ(taken(), "PromptDone ");
  EXPECT_EQ(heard_.back().got.payload[0], 'C');
  EXPECT_LT(heard_.size(), 15U);
  step(500ms);
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, AKeyThatIsPressedAgainDoesNotHoldTheLine) {
  plan_.beep = fake_prompt('B', 15);  // longer than what lies between two looks at the keys
  open();
  play();
  step(600ms, [this](Delay passed) {
    if (passed % 20ms == 0ms) peer_.send(ours_, 101, std::string{"\x0B\x8A\x01\x40", 4});
  });
  EXPECT_TRUE(taken().starts_with("PromptDone "));
}

TEST_F(MediaThreadTest, OtherKeysAreNothing) {
  reach_recording();
  peer_.send(ours_, 101, std::string{"\x01\x8A\x01\x40", 4}, 0);
  step(200ms);
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, TellsSilenceOnceAndNotBeforeItsTime) {
  reach_recording();
  speak(1s);
  step(9800ms);
  EXPECT_EQ(taken(), "");
  step(500ms);
  EXPECT_EQ(taken(), "SilenceHeard ");
  step(5s);
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, SilenceInPacketsIsSilence) {
  reach_recording();
  step(9800ms, [&](Delay passed) {
    if (passed % 20ms == 15ms) peer_.send(ours_, 0, std::string(160, '\xFF'));
  });
  EXPECT_EQ(taken(), "");
  step(500ms, [&](Delay passed) {
    if (passed % 20ms == 15ms) peer_.send(ours_, 0, std::string(160, '\xFF'));
  });
  EXPECT_EQ(taken(), "SilenceHeard ");
}

TEST_F(MediaThreadTest, HoldStopsTheSilenceClock) {
  reach_recording();
  speak(1s);
  SessionPlan held = plan_;
  held.remote.address = Address{};
  held.receives = false;
  thread_.orders().push(MoveSession{kCall, held});
  step(60s);
  EXPECT_EQ(taken(), "");
  thread_.orders().push(MoveSession{kCall, plan_});
  step(9800ms);
  EXPECT_EQ(taken(), "");
  step(500ms);
  EXPECT_EQ(taken(), "SilenceHeard ");
}

TEST_F(MediaThreadTest, FollowsAReinviteToAnotherAddressAndCodec) {
  plan_.greeting = fake_prompt('a', 20);
  open();
  play();
  step(50ms);
  RtpPeer moved;
  SessionPlan plan = plan_;
  plan.remote = moved.endpoint();
  plan.codec = Codec::pcma;
  plan.payload_type = 8;
  thread_.orders().push(MoveSession{kCall, plan});
  heard_.clear();
  step(500ms, [&](Delay passed) {
    if (passed % 20ms == 15ms) moved.send(ours_, 8, std::string(160, '\x2A'));
  });
  EXPECT_TRUE(heard_.empty());
  const auto got = moved.receive();
  ASSERT_GT(got.size(), 10U);
  EXPECT_EQ(got[0].header.payload_type, 8);
  EXPECT_EQ(static_cast<std::uint8_t>(got.back().payload[0]),
            g711_encode(Codec::pcma, g711_decode(Codec::pcmu, 'C')));  // the beep, in the other law
  seal();
  EXPECT_EQ(recorded().back(), g711_decode(Codec::pcma, 0x2A));
}

TEST_F(MediaThreadTest, TellsWhenNoRtpComes) {
  plan_.silence = 0s;
  open();
  step(60s);  // before the ACK nobody need send
  EXPECT_EQ(taken(), "");
  play();
  step(29s);
  EXPECT_EQ(taken(), "PromptDone ");
  step(1200ms);
  EXPECT_EQ(taken(), "NoRtp ");
  step(60s);
  EXPECT_EQ(taken(), "");
}

TEST_F(MediaThreadTest, ComfortNoiseAndRtcpAreLife) {
  plan_.silence = 0s;
  reach_recording();
  step(20s);
  peer_.send(ours_, kComfortNoise, "\x20");
  step(20s);
  peer_.raw(our_rtcp_, std::string(28, '\x80'));
  step(29s);
  EXPECT_EQ(taken(), "");
  step(2s);
  EXPECT_EQ(taken(), "NoRtp ");
}

TEST_F(MediaThreadTest, WantsTicksOnlyWhenThereIsSomethingToDo) {
  EXPECT_EQ(thread_.period(), std::nullopt);
  open();
  EXPECT_EQ(thread_.period(), 20ms);
  play();
  step(5ms);
  EXPECT_EQ(thread_.period(), 5ms);
  step(200ms);
  EXPECT_EQ(thread_.period(), 20ms);
}

TEST_F(MediaThreadTest, IgnoresCallsItDoesNotKnow) {
  thread_.orders().push(PlayPrompts{CallId{99}});
  thread_.orders().push(SealSession{CallId{99}});
  thread_.orders().push(MoveSession{CallId{99}, plan_});
  step(20ms);
  EXPECT_EQ(taken(), "");
}

}  // namespace
}  // namespace sip2mail
