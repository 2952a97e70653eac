// src/media/codec.hpp -- the codecs that a call may use, by name.
#pragma once

#include <cstdint>
#include <string_view>

namespace sip2mail {

enum class Codec { pcmu, pcma };

[[nodiscard]] constexpr std::string_view encoding_name(Codec codec) {  // of a=rtpmap (RFC 3551)
  return codec == Codec::pcmu ? "PCMU" : "PCMA";
}
[[nodiscard]] constexpr int static_payload_type(Codec codec) {
  return codec == Codec::pcmu ? 0 : 8;
}
[[nodiscard]] constexpr int sample_rate(Codec) {
  return 8000;
}  // of the recording, Hz

}  // namespace sip2mail
