// src/media/prompt.hpp -- what we play: a beep, and 20 ms frames of a codec.
//
// Pure; done once when a prompt is loaded, never in a call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/base/time.hpp"
#include "src/media/codec.hpp"

namespace sip2mail {

constexpr Delay kFrameLength{20};

// 425 Hz for 400 ms at -12 dBFS, with edges of 10 ms so that it does not click.
[[nodiscard]] std::vector<std::int16_t> beep(int rate);

// One payload for each 20 ms; the last frame is filled up with silence.
[[nodiscard]] std::vector<std::string> encode_frames(std::span<const std::int16_t> samples, Codec codec);

}  // namespace sip2mail
