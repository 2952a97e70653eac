// src/audio/resampler.hpp -- samples of one rate become samples of another, without the filter's delay.
//
// By speexdsp. One recording, one object, one thread. All input gives input * to / from samples, to the sample: what
// the filter would eat at the start is skipped, what it still holds at the end is flushed. Throws std::runtime_error.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct SpeexResamplerState_;

namespace sip2mail {

class Resampler {
 public:
  Resampler(int from, int to);

  // The result is valid until the next call.
  [[nodiscard]] std::span<const std::int16_t> take(std::span<const std::int16_t> samples);
  // What is left; call once, at the end.
  [[nodiscard]] std::span<const std::int16_t> flush();

 private:
  struct Destroy {
    void operator()(SpeexResamplerState_* state) const;
  };
  [[nodiscard]] std::span<const std::int16_t> run(std::span<const std::int16_t> samples);

  std::unique_ptr<SpeexResamplerState_, Destroy> state_;  // null: the rates are equal
  std::uint64_t from_;
  std::uint64_t to_;
  std::uint64_t taken_ = 0;
  std::uint64_t given_ = 0;
  std::vector<std::int16_t> out_;
};

// The same for samples that are all there.
[[nodiscard]] std::vector<std::int16_t> resample(std::span<const std::int16_t> samples, int from, int to);

}  // namespace sip2mail
