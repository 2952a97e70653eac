#include "src/audio/clean.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace sip2mail {
namespace {

constexpr int kTarget = 23197;         // -3 dBFS
constexpr double kMostGain = 10;       // 20 dB
constexpr int kSpeech = 328;           // -40 dBFS: a recording whose loudest is below it holds nothing to make louder
constexpr int kSilence = 164;          // -46 dBFS, and
constexpr int kBelowSpeech = 40;       // 32 dB below the loudest
constexpr std::uint64_t kMargin = 25;  // frames: half a second

std::int16_t amplified(std::int16_t sample, double gain) {
  return static_cast<std::int16_t>(std::lround(std::clamp(sample * gain, -32768.0, 32767.0)));
}

}  // namespace

void CleanMeter::take(std::span<const std::int16_t> samples) {
  for (const std::int16_t sample : samples) {
    if (taken_++ % frame_ == 0) peaks_.push_back(0);
    const auto size = static_cast<std::int16_t>(std::min(std::abs(int{sample}), 32767));
    peaks_.back() = std::max(peaks_.back(), size);
  }
}

// The peak that one frame in two hundred exceeds: a click or the key that ended the call must not decide.
int CleanMeter::loudness() const {
  if (peaks_.empty()) return 0;
  std::vector<std::int16_t> sorted = peaks_;
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() - 1) * 199 / 200);
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

Cleaning CleanMeter::result() const {
  const int loud = loudness();
  if (loud < kSpeech) return {0, taken_, 1};
  const int silence = std::min(kSilence, loud / kBelowSpeech);
  const auto heard = [silence](std::int16_t peak) { return peak > silence; };
  const auto begin = std::find_if(peaks_.begin(), peaks_.end(), heard);
  const auto end = std::find_if(peaks_.rbegin(), peaks_.rend(), heard).base();
  const auto first_heard = static_cast<std::uint64_t>(begin - peaks_.begin());
  const std::uint64_t first = (first_heard - std::min(first_heard, kMargin)) * frame_;
  const std::uint64_t after = (static_cast<std::uint64_t>(end - peaks_.begin()) + kMargin) * frame_;
  return {first, std::min(after, taken_) - first, std::clamp(double{kTarget} / loud, 1.0, kMostGain)};
}

SampleSource cleaned(SampleSource source, const Cleaning& cleaning) {
  return [source = std::move(source), cleaning, position = std::uint64_t{0}](std::span<std::int16_t> block) mutable {
    const std::uint64_t end = cleaning.first + cleaning.count;
    for (;;) {
      const std::size_t count = source(block);
      const std::uint64_t begin = position;
      position += count;
      if (count == 0 || begin >= end) return std::size_t{0};
      if (position <= cleaning.first) continue;
      const std::uint64_t from = std::max(begin, cleaning.first);
      const std::uint64_t to = std::min(position, end);
      const auto wanted = block.subspan(static_cast<std::size_t>(from - begin), static_cast<std::size_t>(to - from));
      std::transform(wanted.begin(), wanted.end(), block.begin(),
                     [&](std::int16_t sample) { return amplified(sample, cleaning.gain); });
      return wanted.size();
    }
  };
}

}  // namespace sip2mail
