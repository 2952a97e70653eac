#include "gateway/media/media_thread.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <thread>

#include "gateway/base/clock.hpp"
#include "gateway/base/sockets.hpp"
#include "src/media/g711.hpp"
#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

const Address kLoopback = *Address::parse("127.0.0.1");
constexpr CallId kCall{7};

// A peer on loopback: what it got, and the RTP it sends.
class Peer {
 public:
  Peer() : socket_{std::move(*bind_udp({kLoopback, 0}))} {}
  [[nodiscard]] Endpoint endpoint() const { return local_endpoint(socket_.get()); }

  void send(const Endpoint& to, std::uint8_t type, std::string_view payload, int packets_of_time = 1) {
    RtpPacket packet;
    packet.payload_type = type;
    packet.sequence = sequence_++;
    packet.timestamp = timestamp_;
    packet.ssrc = 99;
    timestamp_ += 160U * static_cast<std::uint32_t>(packets_of_time);
    const auto header = rtp_header(packet);
    raw(to, std::string{header.begin(), header.end()} + std::string{payload});
  }
  void lose(std::uint32_t packets) {
    sequence_ = static_cast<std::uint16_t>(sequence_ + packets);
    timestamp_ += 160 * packets;
  }
  void raw(const Endpoint& to, const std::string& datagram) const {
    const SocketAddress address = to_sockaddr(to);
    ASSERT_EQ(::sendto(socket_.get(), datagram.data(), datagram.size(), 0, address.get(), address.length),
              static_cast<ssize_t>(datagram.size()));
  }
  // The RTP payloads and their headers that have come since.
  struct Got {
    RtpPacket header;
    std::string payload;
  };
  [[nodiscard]] std::vector<Got> receive() const {
    std::vector<Got> all;
    std::array<std::uint8_t, 2000> buffer{};
    for (;;) {
      const ssize_t got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (got < 0) return all;
      const auto packet = parse_rtp(std::span{buffer}.first(static_cast<std::size_t>(got)));
      EXPECT_TRUE(packet);
      if (packet) all.push_back({*packet, std::string{packet->payload.begin(), packet->payload.end()}});
    }
  }

 private:
  Fd socket_;
  std::uint16_t sequence_ = 65500;
  std::uint32_t timestamp_ = 0xFFFFF000U;
};

std::shared_ptr<const EncodedPrompt> prompt(char fill, std::size_t frames) {
  EncodedPrompt out;
  for (std::size_t i = 0; i < frames; ++i) out.frames.emplace_back(160, static_cast<char>(fill + static_cast<char>(i)));
  return std::make_shared<const EncodedPrompt>(std::move(out));
}

class MediaThreadTest : public testing::Test {
 protected:
  MediaThreadTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sip2mail-media-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    plan_.remote = peer_.endpoint();
    plan_.signalling_peer = kLoopback;
    plan_.send_at_once = true;
    plan_.event_payload_type = 101;
    plan_.greeting = prompt('a', 5);
    plan_.beep = prompt('B', 2);
    plan_.not_saved = prompt('x', 3);
    plan_.silence = 10s;
    plan_.timeout = 30s;
    plan_.finish_keys = "#";
  }
  ~MediaThreadTest() override { std::filesystem::remove_all(directory_); }

  void open(Fd recording = {}) {
    if (!recording) recording = open_file(file(), O_CREAT | O_RDWR);
    Fd rtp = std::move(*bind_udp({kLoopback, 0}));
    Fd rtcp = std::move(*bind_udp({kLoopback, 0}));
    ours_ = local_endpoint(rtp.get());
    our_rtcp_ = local_endpoint(rtcp.get());
    thread_.orders().push(OpenSession{kCall, plan_, std::move(rtp), std::move(rtcp), ItemId{}, std::move(recording)});
    opened_ = true;
    step(20ms);
  }
  void play() { thread_.orders().push(PlayPrompts{kCall}); }
  void reach_recording() {
    open();
    play();
    step(145ms);  // seven frames, and a tick behind
    ASSERT_EQ(taken(), "PromptDone ");
    heard_.clear();
  }
  // Time passes in ticks of 5 ms; the peer does its part before each.
  void step(Delay length, const std::function<void(Delay)>& peer = {}) {
    for (Delay passed{0}; passed < length; passed += 5ms) {
      if (peer) peer(passed);
      time_ += 5ms;
      thread_.tick(time_, utc_ + std::chrono::floor<Delay>(time_ - kStart));
      for (Peer::Got& got : peer_.receive()) heard_.push_back({time_, std::move(got)});
    }
  }
  // A packet each 20 ms; packet n holds 160 times the byte n.
  void speak(Delay length, std::uint8_t type = 0) {
    step(length, [&](Delay passed) {
      if (passed % 20ms == 15ms) peer_.send(ours_, type, std::string(160, static_cast<char>(spoken_++)));
    });
  }
  std::string taken() {
    std::string out;
    for (const MediaReport& report : reports_.drain()) {
      constexpr std::array names{"PromptDone ", "FinishKey ", "SilenceHeard ", "NoRtp ", "NotSaved ", "Sealed "};
      out += names[report.index()];
      if (const auto* done = std::get_if<PromptDone>(&report)) prompt_done_ = done->at;
    }
    return out;
  }
  Heard seal(bool interrupted = false) {
    thread_.orders().push(SealSession{kCall, interrupted});
    step(5ms);
    sealed_ = true;
    const Instant bound = now() + 10s;
    while (now() < bound) {
      for (const MediaReport& report : reports_.wait(bound)) {
        if (const auto* sealed = std::get_if<Sealed>(&report)) return sealed->heard;
      }
    }
    ADD_FAILURE() << "not sealed";
    return {};
  }
  std::filesystem::path file() const { return directory_ / "recording.wav"; }
  std::vector<std::int16_t> recorded() const {
    const auto wav = read_wav(read_file(file(), 10'000'000));
    EXPECT_TRUE(wav) << wav.error();
    return wav ? wav->samples : std::vector<std::int16_t>{};
  }
  // The recording as the numbers of its packets, silence between them as -1; only changes are told.
  static std::vector<int> packets_in(const std::vector<std::int16_t>& samples) {
    std::map<std::int16_t, int> number;
    for (int byte = 255; byte >= 0; --byte) number[g711_decode(Codec::pcmu, static_cast<std::uint8_t>(byte))] = byte;
    number[0] = -1;
    std::vector<int> out;
    for (const std::int16_t sample : samples) {
      if (out.empty() || out.back() != number.at(sample)) out.push_back(number.at(sample));
    }
    if (!out.empty() && out.back() == -1) out.pop_back();
    if (!out.empty() && out.front() == -1) out.erase(out.begin());
    return out;
  }
  // So that a write cannot work.
  Fd full_disk() const { return open_file("/dev/full", O_RDWR); }

  static constexpr Instant kStart{std::chrono::hours{100}};
  std::filesystem::path directory_;
  Health health_;
  Channel<MediaReport> reports_;
  RtpCounters counters_;
  SessionPlan plan_;
  Peer peer_;
  // The recorder writes to the thread's channel, the thread hands blocks to the recorder: as in MediaPool.
  std::unique_ptr<Recorder> recorder_ = std::make_unique<Recorder>(reports_, health_);
  MediaThread thread_{MediaContext{*recorder_, reports_, {}, counters_}};
  Endpoint ours_;
  Endpoint our_rtcp_;
  Instant time_ = kStart;
  Timestamp utc_ = from_milliseconds(1'772'323'200'000);
  Timestamp prompt_done_;
  struct Heard20 {
    Instant at;
    Peer::Got got;
  };
  std::vector<Heard20> heard_;
  int spoken_ = 0;
  bool opened_ = false;
  bool sealed_ = false;

  void TearDown() override {
    if (opened_ && !sealed_) seal_quietly();
    recorder_.reset();
  }
  void seal_quietly() {
    thread_.orders().push(SealSession{kCall});
    step(5ms);
    sealed_ = true;
  }
};

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
  plan_.greeting = prompt('a', 20);
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

TEST_F(MediaThreadTest, RecordsSampleForSample) {
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

TEST_F(MediaThreadTest, BeginsAtTheEndOfTheBeep) {
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

TEST_F(MediaThreadTest, LossLeavesSilence) {
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

TEST_F(MediaThreadTest, ThirdPartiesAreNeitherRecordedNorServed) {
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

TEST_F(MediaThreadTest, AnotherSourceDoesNotDisturbACall) {
  reach_recording();
  speak(100ms);
  Peer noise;
  step(100ms, [&](Delay passed) {
    if (passed % 20ms == 5ms) noise.send(ours_, 0, std::string(160, '\x01'));
    if (passed % 20ms == 15ms) peer_.send(ours_, 0, std::string(160, static_cast<char>(spoken_++)));
  });
  seal();
  EXPECT_EQ(packets_in(recorded()), (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(counters_.foreign, 5U);
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
  plan_.greeting = prompt('a', 20);
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
  plan_.greeting = prompt('a', 20);
  open();
  play();
  step(50ms);
  Peer moved;
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

TEST_F(MediaThreadTest, IsOnDiskWithinASecond) {
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

TEST_F(MediaThreadTest, SaysThatItCouldNotBeSaved) {
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

TEST_F(MediaThreadTest, IsSealedAlsoWhenNothingWasRecorded) {
  open();
  const Heard heard = seal();
  EXPECT_EQ(heard.duration, 0s);
  EXPECT_FALSE(heard.flags.interrupted);
  EXPECT_EQ(std::filesystem::file_size(file()), kWavHeader);
  EXPECT_EQ(thread_.period(), std::nullopt);
}

TEST_F(MediaThreadTest, IsInterruptedWhenWeEndIt) {
  reach_recording();
  speak(500ms);
  EXPECT_TRUE(seal(true).flags.interrupted);
}

TEST_F(MediaThreadTest, TellsPoorAudio) {
  reach_recording();
  for (int i = 0; i < 20; ++i) {
    speak(100ms);
    peer_.lose(1);
    step(20ms);
  }
  EXPECT_TRUE(seal().flags.poor_audio);
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

TEST_F(MediaThreadTest, SurvivesWhatIsNoRtp) {
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
