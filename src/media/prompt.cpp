#include "src/media/prompt.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <numbers>

#include "src/media/g711.hpp"

namespace sip2mail {

std::vector<std::int16_t> resample(std::span<const std::int16_t> samples, int from, int to) {
  if (from == to) return {samples.begin(), samples.end()};
  constexpr int quality = 8;
  int error = 0;
  const std::unique_ptr<SpeexResamplerState, decltype(&speex_resampler_destroy)> state{
      speex_resampler_init(1, static_cast<spx_uint32_t>(from), static_cast<spx_uint32_t>(to), quality, &error),
      &speex_resampler_destroy};
  if (!state) throw std::bad_alloc{};
  speex_resampler_skip_zeros(state.get());
  std::vector<std::int16_t> in{samples.begin(), samples.end()};
  in.resize(in.size() + static_cast<std::size_t>(speex_resampler_get_input_latency(state.get())));  // flushes the tail
  std::vector<std::int16_t> out(samples.size() * static_cast<std::size_t>(to) / static_cast<std::size_t>(from));
  std::size_t read = 0;
  std::size_t written = 0;
  while (read < in.size() && written < out.size()) {
    auto taken = static_cast<spx_uint32_t>(in.size() - read);
    auto made = static_cast<spx_uint32_t>(out.size() - written);
    speex_resampler_process_int(state.get(), 0, in.data() + read, &taken, out.data() + written, &made);
    if (taken == 0 && made == 0) break;
    read += taken;
    written += made;
  }
  return out;
}

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
