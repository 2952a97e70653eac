// src/media/rtp_packet.hpp -- one RTP packet (RFC 3550 5.1): read from a datagram, and the header of one that we send.
//
// Pure, no allocation: the payload points into the datagram. What is not RTP is nullopt, never an error.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace sip2mail {

struct RtpPacket {
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::span<const std::uint8_t> payload;  // without CSRCs, extension and padding
};

constexpr std::size_t kRtpHeader = 12;
constexpr std::uint8_t kComfortNoise = 13;  // RFC 3389

[[nodiscard]] std::optional<RtpPacket> parse_rtp(std::span<const std::uint8_t> datagram);

// RTCP that came on the RTP port (RFC 5761 4): a sign of life, no sound.
[[nodiscard]] bool looks_like_rtcp(std::span<const std::uint8_t> datagram);

[[nodiscard]] std::array<std::uint8_t, kRtpHeader> rtp_header(const RtpPacket& packet);

}  // namespace sip2mail
