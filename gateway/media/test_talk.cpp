#include "gateway/media/test_talk.hpp"

#include <array>

#include "gateway/base/sockets.hpp"
#include "src/media/g711.hpp"
#include "src/media/prompt.hpp"
#include "src/media/rtp_packet.hpp"
#include "src/media/sound_level.hpp"

namespace sip2mail {
namespace {

constexpr double kLoud = -45;  // dBFS: noise of a line lies below

}  // namespace

void TestTalk::begin(const Endpoint& remote, Codec codec, std::uint8_t payload_type, Instant now) {
  remote_ = remote;
  codec_ = codec;
  payload_type_ = payload_type;
  began_ = loud_at_ = now;
}

void TestTalk::step(Instant now) {
  hear(now);
  if (!speaks_ && (now - loud_at_ >= kQuiet || now - began_ >= kLongestGreeting)) {
    speaks_ = true;
    spoke_at_ = now;
    player_.play({std::make_shared<const EncodedPrompt>(EncodedPrompt{encode_frames(samples_, codec_)})}, now);
  }
  if (!speaks_) return;
  const SocketAddress to = to_sockaddr(remote_);
  while (const auto frame = player_.next(now)) {
    RtpPacket packet = frame->packet;
    packet.payload_type = payload_type_;
    const auto header = rtp_header(packet);
    std::string bytes{header.begin(), header.end()};
    bytes += frame->payload;
    ::sendto(socket_.get(), bytes.data(), bytes.size(), 0, to.get(), to.length);
  }
}

void TestTalk::hear(Instant now) {
  std::array<std::uint8_t, 2048> datagram{};
  for (;;) {
    const ssize_t got = ::recv(socket_.get(), datagram.data(), datagram.size(), MSG_DONTWAIT);
    if (got < 0) return;
    const auto packet = parse_rtp(std::span{datagram}.first(static_cast<std::size_t>(got)));
    if (!packet || packet->payload_type != payload_type_ || packet->payload.empty()) continue;
    std::int64_t squares = 0;
    for (const std::uint8_t byte : packet->payload) {
      const std::int64_t sample = g711_decode(codec_, byte);
      squares += sample * sample;
    }
    heard_ += Delay{static_cast<std::int64_t>(packet->payload.size()) / 8};
    if (rms_dbfs(squares, static_cast<int>(packet->payload.size())) > kLoud) loud_at_ = now;
  }
}

Delay TestTalk::spoken(Instant now) const {
  if (!speaks_) return Delay{0};
  const Delay whole{static_cast<std::int64_t>(samples_.size()) / 8};
  return std::min(whole, std::chrono::floor<Delay>(now - spoke_at_));
}

}  // namespace sip2mail
