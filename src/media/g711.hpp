// src/media/g711.hpp -- G.711: PCMU and PCMA to and from PCM16, by table and by arithmetic of our own.
//
// Pure; every byte decodes, every sample encodes.
#pragma once

#include <cstdint>
#include <span>

#include "src/media/codec.hpp"

namespace sip2mail {

[[nodiscard]] std::int16_t g711_decode(Codec codec, std::uint8_t byte);
[[nodiscard]] std::uint8_t g711_encode(Codec codec, std::int16_t sample);

// As many samples as there are bytes; `out` must hold them.
void g711_decode(Codec codec, std::span<const std::uint8_t> bytes, std::span<std::int16_t> out);

}  // namespace sip2mail
