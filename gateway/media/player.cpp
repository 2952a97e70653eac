#include "gateway/media/player.hpp"

#include <algorithm>

#include "gateway/base/random.hpp"
#include "src/media/prompt.hpp"

namespace sip2mail {
namespace {

constexpr std::uint32_t kFrameTicks = 160;  // 20 ms of the 8 kHz clock
constexpr Delay kLongStop{200};

std::uint32_t ticks(Instant::duration time) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count() / 125);
}

}  // namespace

Player::Player()
    : ssrc_{random_number<std::uint32_t>()},
      sequence_{random_number<std::uint16_t>()},
      timestamp_{random_number<std::uint32_t>()} {}

void Player::play(const std::vector<std::shared_ptr<const EncodedPrompt>>& prompts, Instant now) {
  const bool running = began_ && now < next_frame_ + kFrameLength;
  queue_.clear();
  for (const auto& prompt : prompts) {
    if (prompt && !prompt->frames.empty()) queue_.push_back(prompt);
  }
  frame_ = 0;
  if (running) return;  // in step with what played just now
  if (began_) timestamp_ += ticks(now - next_frame_);
  began_ = true;
  marker_ = true;
  next_frame_ = now;
}

std::optional<Player::Frame> Player::next(Instant now) {
  if (queue_.empty() || now < next_frame_) return std::nullopt;
  if (now - next_frame_ > kLongStop) {
    timestamp_ += ticks(now - next_frame_);
    marker_ = true;
    next_frame_ = now;
  }
  Frame frame;
  frame.packet.marker = marker_;
  frame.packet.sequence = sequence_++;
  frame.packet.timestamp = timestamp_;
  frame.packet.ssrc = ssrc_;
  frame.payload = queue_.front()->frames[frame_];
  marker_ = false;
  timestamp_ += kFrameTicks;
  next_frame_ += kFrameLength;
  if (++frame_ == queue_.front()->frames.size()) {
    frame_ = 0;
    queue_.front().swap(last_);
    queue_.erase(queue_.begin());
  }
  return frame;
}

}  // namespace sip2mail
