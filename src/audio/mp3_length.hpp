// src/audio/mp3_length.hpp -- keeps an MP3 as long as what went into it.
//
// A decoder hears 1105 samples of lead-in before the first one (576 of the encoder, 529 of its own filter), and whole
// frames only; the tag that would tell it so does not fit a frame of 32 kbit/s. So a silent beginning of that length is
// left to the lead-in, and an end that would need a whole frame for less than 15 ms is cut to the frame before.
// Owned by one encoding, no thread of its own; passes on what it was given, in order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace sip2mail {

class Mp3Length {
 public:
  static constexpr std::size_t kLeadIn = 1105;
  static constexpr std::size_t kFrame = 576;  // samples of MPEG-2 layer III
  static constexpr std::size_t kWorthAFrame = 240;
  static constexpr int kSilence = 328;  // -40 dBFS

  explicit Mp3Length(std::function<void(std::span<const std::int16_t>)> write) : write_{std::move(write)} {}

  void take(std::span<const std::int16_t> samples) {
    held_.insert(held_.end(), samples.begin(), samples.end());
    if (!begun_) {
      if (held_.size() < kLeadIn) return;
      begun_ = true;
      const auto end = held_.begin() + kLeadIn;
      if (std::all_of(held_.begin(), end, [](std::int16_t s) { return std::abs(int{s}) < kSilence; }))
        held_.erase(held_.begin(), end);
    }
    if (held_.size() > kWorthAFrame) pass(held_.size() - kWorthAFrame);
  }

  void finish() {
    const std::size_t rest = (written_ + held_.size()) % kFrame;
    if (begun_ && rest < kWorthAFrame && rest <= held_.size()) held_.resize(held_.size() - rest);
    pass(held_.size());
  }

 private:
  void pass(std::size_t count) {
    write_(std::span{held_}.first(count));
    written_ += count;
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(count));
  }

  std::function<void(std::span<const std::int16_t>)> write_;
  std::vector<std::int16_t> held_;
  std::size_t written_ = 0;
  bool begun_ = false;
};

}  // namespace sip2mail
