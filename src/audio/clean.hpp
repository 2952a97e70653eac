// src/audio/clean.hpp -- what a recording needs before it is mailed: silence off both ends, speech at -3 dBFS.
//
// Pure; two passes over the samples, neither of which holds them: a meter listens, then a source delivers what it
// found worth hearing. In doubt nothing is cut and nothing made louder: noise is no reason, and half a second of what
// is silent stays at each end.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace sip2mail {

// Fills the block as far as it can and says how many samples it wrote; 0 ends the recording.
using SampleSource = std::function<std::size_t(std::span<std::int16_t> block)>;

struct Cleaning {
  std::uint64_t first = 0;  // sample
  std::uint64_t count = 0;
  double gain = 1;
  bool operator==(const Cleaning&) const = default;
};

class CleanMeter {
 public:
  explicit CleanMeter(int rate) : frame_{static_cast<std::uint64_t>(rate) / 50} {}
  void take(std::span<const std::int16_t> samples);
  [[nodiscard]] Cleaning result() const;

 private:
  [[nodiscard]] int loudness() const;

  std::uint64_t frame_;  // samples in 20 ms
  std::uint64_t taken_ = 0;
  std::vector<std::int16_t> peaks_;  // one a frame: 0.4 MB an hour
};

[[nodiscard]] SampleSource cleaned(SampleSource source, const Cleaning& cleaning);

}  // namespace sip2mail
