// src/media/sound_level.hpp -- how loud a recording is, how long it has been silent, and whether anybody spoke.
//
// Owned by a Session. Pure. An energy gate on 20 ms frames over a floor that follows the noise of the line: quickly
// down, slowly up, and never so high that clear speech could count as silence (being cut off is the worse error).
#pragma once

#include <cstdint>
#include <span>

#include "src/base/time.hpp"

namespace sip2mail {

class SoundLevel {
 public:
  explicit SoundLevel(int rate) : frame_samples_{rate / 50} {}

  void add(std::span<const std::int16_t> samples);

  [[nodiscard]] Delay silent_for() const { return silent_frames_ * kFrame; }  // up to now, from the beginning on
  [[nodiscard]] double loudest_dbfs() const { return loudest_; }              // of 20 ms; -100 when there was no sound
  [[nodiscard]] bool speech() const { return sound_frames_ * kFrame >= 200ms; }

 private:
  static constexpr Delay kFrame{20};
  void frame(double dbfs);

  int frame_samples_;
  int filled_ = 0;          // samples of the frame that is being filled
  std::int64_t power_ = 0;  // sum of their squares
  double floor_ = -64;      // dBFS
  double loudest_ = -100;
  std::int64_t silent_frames_ = 0;
  std::int64_t sound_frames_ = 0;
};

// Of a sine or square at full scale: 0 dBFS is an RMS of 32768.
[[nodiscard]] double rms_dbfs(std::int64_t sum_of_squares, int samples);

}  // namespace sip2mail
