#include "tests/gateway/media/media_fixture.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

namespace sip2mail {
namespace {

class RecordingTest : public MediaThreadTest {};

TEST_F(RecordingTest, RecordsSampleForSample) {
  reach_recording();
  std::string sound;
  std::vector<std::int16_t> sent;
  for (int i = 0; i < 24'000; ++i) {
    const auto byte =
        g711_encode(Codec::pcmu, static_cast<std::int16_t>(8000 * std::sin(i * 0.05) + 3000 * std::sin(i)));
    sound += static_cast<char>(byte);
    sent.push_back(g711_decode(Codec::pcmu, byte));
  }
  std::size_t at = 0;
  step(3s, [&](Delay passed) {
    if (passed % 20ms != 15ms) return;
    peer_.send(ours_, 0, std::string_view{sound}.substr(at, 160));
    at += 160;
  });
  const Heard heard = seal();
  const auto got = recorded();
  EXPECT_EQ(heard.duration.count(), static_cast<std::int64_t>(got.size()) / 8);
  EXPECT_NEAR(static_cast<double>(heard.duration.count()), 3000, 100);
  EXPECT_EQ(heard.flags, Flags{});
  EXPECT_NEAR(heard.level_dbfs, -14.5, 1.5);
  EXPECT_NE(std::search(got.begin(), got.end(), sent.begin(), sent.end()), got.end());
  EXPECT_EQ(counters_.recorded, 150U);
  EXPECT_EQ(counters_.lost, 0U);
}

TEST_F(RecordingTest, BeginsAtTheEndOfTheBeep) {
  open();
  play();
  speak(640ms);  // the peer has spoken all the while; the recording begins 140 ms after the first frame
  seal();
  const auto samples = recorded();
  EXPECT_NEAR(static_cast<double>(samples.size()) / 8, 500, 25);
  const auto packets = packets_in(samples);
  EXPECT_NEAR(packets.front(), 7, 1);
  EXPECT_EQ(packets.back(), 31);
}

TEST_F(RecordingTest, LossLeavesSilence) {
  reach_recording();
  speak(200ms);
  peer_.lose(5);
  step(100ms);
  speak(200ms);
  const Heard heard = seal();
  EXPECT_NEAR(static_cast<double>(heard.duration.count()), 500, 100);
  const auto samples = recorded();
  EXPECT_EQ(packets_in(samples),
            (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}));
  const auto nine = std::find(samples.begin(), samples.end(), g711_decode(Codec::pcmu, 9));
  const auto ten = std::find(samples.begin(), samples.end(), g711_decode(Codec::pcmu, 10));
  EXPECT_EQ(ten - nine, 6 * 160);
  EXPECT_EQ(counters_.lost, 5U);
}

TEST_F(RecordingTest, ThirdPartiesAreNeitherRecordedNorServed) {
  plan_.remote = {*Address::parse("127.0.0.2"), 4000};  // the peer of this test is a stranger then
  plan_.signalling_peer = *Address::parse("127.0.0.3");
  open();
  play();
  speak(3s);
  EXPECT_TRUE(heard_.empty());
  const Heard heard = seal();
  for (const std::int16_t sample : recorded()) ASSERT_EQ(sample, 0);
  EXPECT_TRUE(heard.flags.no_speech);
  EXPECT_EQ(counters_.foreign, 150U);
  EXPECT_EQ(counters_.recorded, 0U);
}

TEST_F(RecordingTest, AnotherSourceDoesNotDisturbACall) {
  reach_recording();
  speak(100ms);
  RtpPeer noise;
  step(100ms, [&](Delay passed) {
    if (passed % 20ms == 5ms) noise.send(ours_, 0, std::string(160, '\x01'));
    if (passed % 20ms == 15ms) peer_.send(ours_, 0, std::string(160, static_cast<char>(spoken_++)));
  });
  seal();
  EXPECT_EQ(packets_in(recorded()), (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(counters_.foreign, 5U);
}

TEST_F(RecordingTest, IsOnDiskWithinASecond) {
  reach_recording();
  speak(1s);
  const Instant bound = now() + 10s;
  while (std::filesystem::file_size(file()) < kWavHeader + 8000 && now() < bound) std::this_thread::yield();
  const auto size = std::filesystem::file_size(file());
  EXPECT_GE(size, kWavHeader + 8000);  // half of what was said; the rest is younger than 500 ms
  EXPECT_EQ(read_wav_header(read_file(file(), kWavHeader), size)->rate, 8000);
  EXPECT_TRUE(recorder_->take_dirty());
  EXPECT_FALSE(recorder_->take_dirty());
}

TEST_F(RecordingTest, SaysThatItCouldNotBeSaved) {
  open(full_disk());
  play();
  std::string all;
  const Instant bound = now() + 10s;
  while (all.find("NotSaved") == std::string::npos && now() < bound) {
    speak(100ms);
    all += taken();
  }
  EXPECT_NE(all.find("NotSaved"), std::string::npos) << all;
  ASSERT_GE(heard_.size(), 3U);
  EXPECT_EQ(heard_.back().got.payload[0], 'z');
  const Heard heard = seal();
  EXPECT_TRUE(heard.flags.interrupted);
  EXPECT_EQ(heard.duration, 0s);
}

TEST_F(RecordingTest, IsSealedAlsoWhenNothingWasRecorded) {
  open();
  const Heard heard = seal();
  EXPECT_EQ(heard.duration, 0s);
  EXPECT_FALSE(heard.flags.interrupted);
  EXPECT_EQ(std::filesystem::file_size(file()), kWavHeader);
  EXPECT_EQ(thread_.period(), std::nullopt);
}

TEST_F(RecordingTest, IsInterruptedWhenWeEndIt) {
  reach_recording();
  speak(500ms);
  EXPECT_TRUE(seal(true).flags.interrupted);
}

TEST_F(RecordingTest, TellsPoorAudio) {
  reach_recording();
  for (int i = 0; i < 20; ++i) {
    speak(100ms);
    peer_.lose(1);
    step(20ms);
  }
  EXPECT_TRUE(seal().flags.poor_audio);
}

TEST_F(RecordingTest, SurvivesWhatIsNoRtp) {
  reach_recording();
  peer_.raw(ours_, "");
  peer_.raw(ours_, "hello");
  peer_.raw(ours_, std::string(1500, '\xFF'));
  peer_.raw(ours_, std::string(9000, '\x80'));
  peer_.raw(ours_, std::string(1500, '\x80'));
  speak(200ms);
  EXPECT_EQ(taken(), "");
  seal();
  EXPECT_EQ(packets_in(recorded()).back(), 9);
}

}  // namespace
}  // namespace sip2mail
