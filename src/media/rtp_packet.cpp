#include "src/media/rtp_packet.hpp"

namespace sip2mail {
namespace {

std::uint32_t number(std::span<const std::uint8_t> bytes) {
  std::uint32_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

}  // namespace

bool looks_like_rtcp(std::span<const std::uint8_t> datagram) {
  return datagram.size() >= 8 && datagram[0] >> 6 == 2 && datagram[1] >= 192 && datagram[1] <= 223;
}

std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram) {
  if (datagram.size() < kRtpHeader || datagram[0] >> 6 != 2 || looks_like_rtcp(datagram)) return std::nullopt;
  const bool padded = (datagram[0] & 0x20) != 0;
  const bool extended = (datagram[0] & 0x10) != 0;
  RtpPacket packet;
  packet.marker = (datagram[1] & 0x80) != 0;
  packet.payload_type = datagram[1] & 0x7F;
  packet.sequence = static_cast<std::uint16_t>(number(datagram.subspan(2, 2)));
  packet.timestamp = number(datagram.subspan(4, 4));
  packet.ssrc = number(datagram.subspan(8, 4));

  std::size_t start = kRtpHeader + std::size_t{datagram[0] & 0x0FU} * 4;  // CSRCs
  if (extended) {
    if (datagram.size() < start + 4) return std::nullopt;
    start += 4 + std::size_t{number(datagram.subspan(start + 2, 2))} * 4;
  }
  if (datagram.size() < start) return std::nullopt;
  packet.payload = datagram.subspan(start);
  if (padded) {  // the last byte counts itself
    if (packet.payload.empty()) return std::nullopt;
    const std::size_t padding = packet.payload.back();
    if (padding == 0 || padding > packet.payload.size()) return std::nullopt;
    packet.payload = packet.payload.first(packet.payload.size() - padding);
  }
  return packet;
}

std::array<std::uint8_t, kRtpHeader> rtp_header(const RtpPacket& packet) {
  std::array<std::uint8_t, kRtpHeader> out{};
  const auto put = [&](std::size_t at, std::uint32_t value, std::size_t bytes) {
    for (std::size_t i = bytes; i-- > 0; value >>= 8) out[at + i] = static_cast<std::uint8_t>(value & 0xFF);
  };
  out[0] = 0x80;
  out[1] = static_cast<std::uint8_t>((packet.marker ? 0x80 : 0) | (packet.payload_type & 0x7F));
  put(2, packet.sequence, 2);
  put(4, packet.timestamp, 4);
  put(8, packet.ssrc, 4);
  return out;
}

}  // namespace sip2mail
