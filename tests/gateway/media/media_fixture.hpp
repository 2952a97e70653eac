// tests/gateway/media/media_fixture.hpp -- a media thread stepped by hand, 5 ms a tick, with a peer on loopback.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/sockets.hpp"
#include "gateway/media/media_thread.hpp"
#include "src/media/g711.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {

inline const Address kLoopback = *Address::parse("127.0.0.1");
constexpr CallId kCall{7};

// A peer on loopback: what it got, and the RTP it sends.
class RtpPeer {
 public:
  RtpPeer() : socket_{std::move(*bind_udp({kLoopback, 0}))} {}
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

inline std::shared_ptr<const EncodedPrompt> fake_prompt(char fill, std::size_t frames) {
  EncodedPrompt out;
  for (std::size_t i = 0; i < frames; ++i) out.frames.emplace_back(160, static_cast<char>(fill + static_cast<char>(i)));
  return std::make_shared<const EncodedPrompt>(std::move(out));
}

class MediaThreadTest : public testing::Test {
 protected:
  MediaThreadTest() {
    plan_.remote = peer_.endpoint();
    plan_.signalling_peer = kLoopback;
    plan_.send_at_once = true;
    plan_.event_payload_type = 101;
    plan_.greeting = fake_prompt('a', 5);
    plan_.beep = fake_prompt('B', 2);
    plan_.not_saved = fake_prompt('x', 3);
    plan_.silence = 10s;
    plan_.timeout = 30s;
    plan_.finish_keys = "#";
  }

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
      for (RtpPeer::Got& got : peer_.receive()) heard_.push_back({time_, std::move(got)});
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
  TemporaryDirectory temporary_;
  const std::filesystem::path& directory_ = temporary_.path();
  Health health_;
  Channel<MediaReport> reports_;
  RtpCounters counters_;
  SessionPlan plan_;
  RtpPeer peer_;
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
    RtpPeer::Got got;
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

}  // namespace sip2mail
