// src/media/sdp_reader.hpp -- the text of a session description (RFC 4566) as a value, or what is wrong in words.
//
// Pure. What comes from the network is bounded before it is used: 64 KiB of text, 2000 lines, 32 m-lines, 64 formats
// an m-line; beyond is an error. Lines that we do not use may say anything. Every m-line is kept, since an answer
// mirrors each (RFC 3264 6).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "src/base/network.hpp"

namespace sip2mail {

enum class Direction { sendrecv, sendonly, recvonly, inactive };
[[nodiscard]] std::string_view to_text(Direction direction);

// What a=rtpmap and a=fmtp say of a payload type, or RFC 3551 of a static one.
struct SdpCodec {
  std::uint8_t payload_type = 0;
  std::string encoding;  // "PCMU", as written
  std::uint32_t clock = 8000;
  std::uint32_t channels = 1;
  std::string fmtp;
};

struct SdpMedia {
  std::string kind;  // "audio"
  std::uint16_t port = 0;
  std::string proto;                 // "RTP/AVP"
  std::vector<std::string> formats;  // as written, at least one
  std::vector<SdpCodec> codecs;      // of an RTP m-line, in the order of its formats; those that are known
  std::optional<Address> address;    // c= of its own, else the session's; nullopt: none, or a name
  Direction direction = Direction::sendrecv;
  std::optional<std::uint32_t> ptime;
  std::optional<std::uint16_t> rtcp_port;  // a=rtcp (RFC 3605)
  bool rtcp_mux = false;
  bool crypto = false;  // a=crypto (RFC 4568)
  [[nodiscard]] bool is_rtp() const;
};

struct Sdp {
  std::vector<SdpMedia> media;  // at least one
};

[[nodiscard]] tl::expected<Sdp, std::string> read_sdp(std::string_view text);

}  // namespace sip2mail
