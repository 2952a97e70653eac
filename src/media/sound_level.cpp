#include "src/media/sound_level.hpp"

#include <algorithm>
#include <cmath>

namespace sip2mail {
namespace {

constexpr double kNothing = -100;
constexpr double kLowestFloor = -64;
constexpr double kHighestFloor = -45;  // with the margin: what is louder than -36 dBFS is always sound
constexpr double kMargin = 9;
constexpr double kRise = 2.0 / 50;  // 2 dB a second, a frame

}  // namespace

double rms_dbfs(std::int64_t sum_of_squares, int samples) {
  if (sum_of_squares <= 0 || samples <= 0) return kNothing;
  const double mean = static_cast<double>(sum_of_squares) / samples;
  return std::max(kNothing, 10 * std::log10(mean / (32768.0 * 32768.0)));
}

void SoundLevel::add(std::span<const std::int16_t> samples) {
  for (const std::int16_t sample : samples) {
    power_ += std::int64_t{sample} * sample;
    if (++filled_ < frame_samples_) continue;
    frame(rms_dbfs(power_, filled_));
    filled_ = 0;
    power_ = 0;
  }
}

void SoundLevel::frame(double dbfs) {
  loudest_ = std::max(loudest_, dbfs);
  const bool sound = dbfs > floor_ + kMargin;
  // Digital silence (lost packets, DTX) tells nothing of the noise on the line.
  if (dbfs > kNothing) floor_ = std::clamp(std::min(dbfs, floor_ + kRise), kLowestFloor, kHighestFloor);
  if (sound) {
    ++sound_frames_;
    silent_frames_ = 0;
  } else {
    ++silent_frames_;
  }
}

}  // namespace sip2mail
