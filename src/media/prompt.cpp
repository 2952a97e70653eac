#include "src/media/prompt.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/media/g711.hpp"

namespace sip2mail {

std::vector<std::int16_t> beep(int rate) {
  constexpr double frequency = 425;
  constexpr double peak = 32767 * 0.355;  // an RMS of -12 dBFS
  const int length = rate * 2 / 5;
  const int edge = rate / 100;
  std::vector<std::int16_t> samples;
  samples.reserve(static_cast<std::size_t>(length));
  for (int i = 0; i < length; ++i) {
    const double near_edge = std::min({1.0, static_cast<double>(i) / edge, static_cast<double>(length - 1 - i) / edge});
    const double gain = 0.5 - 0.5 * std::cos(std::numbers::pi * near_edge);
    samples.push_back(
        static_cast<std::int16_t>(std::lround(peak * gain * std::sin(2 * std::numbers::pi * frequency * i / rate))));
  }
  return samples;
}

std::vector<std::string> encode_frames(std::span<const std::int16_t> samples, Codec codec) {
  const auto frame = static_cast<std::size_t>(sample_rate(codec) / 50);
  std::vector<std::string> frames;
  for (; !samples.empty(); samples = samples.subspan(std::min(frame, samples.size()))) {
    std::string payload;
    payload.reserve(frame);
    for (std::size_t i = 0; i < frame; ++i)
      payload += static_cast<char>(g711_encode(codec, i < samples.size() ? samples[i] : std::int16_t{0}));
    frames.push_back(std::move(payload));
  }
  return frames;
}

}  // namespace sip2mail
