#include "src/media/timeline.hpp"

#include <algorithm>
#include <cstdlib>

namespace sip2mail {
namespace {

// In milliseconds of sound.
constexpr std::int64_t kReorder = 100;  // held back for packets that overtook each other
constexpr std::int64_t kFlush = 200;    // when nothing comes any more, what is held back goes
constexpr std::int64_t kBehind = 2000;  // a stalled network may deliver so late
constexpr std::int64_t kAhead = 1000;   // a timestamp may run ahead of its arrival
constexpr std::int64_t kSnap = 60;      // a new anchor so near to the end goes on at the end
constexpr int kSequenceJump = 3000;     // RFC 3550 A.1: beyond it the sender began anew
constexpr int kMisordered = 100;

}  // namespace

Timeline::Position Timeline::clock(Instant time) const {
  return std::chrono::duration_cast<std::chrono::microseconds>(time - epoch_).count() * rate_ / 1'000'000;
}

void Timeline::begin(Instant start) {
  if (!has_epoch_) epoch_ = start;
  has_epoch_ = true;
  recording_ = true;
  start_ = released_ = end_ = clock(start);
}

// Is this packet newer than all before? Counts it, too.
bool Timeline::follows(const RtpPacket& packet) {
  if (recording_) ++counts_.received;
  if (!anchored_ || packet.ssrc != ssrc_) {
    anchored_ = false;
    if (recording_) ++counts_.expected;
    return true;
  }
  const int ahead = static_cast<std::int16_t>(packet.sequence - sequence_);
  if (ahead <= 0 && ahead > -kMisordered) return false;
  const bool jumped = ahead <= 0 || ahead > kSequenceJump;
  if (jumped) anchored_ = false;
  if (recording_) counts_.expected += jumped ? 1 : ahead;
  return true;
}

Timeline::Position Timeline::place(const RtpPacket& packet, Position length, Position arrived, bool newer) {
  const Position step = static_cast<std::int32_t>(packet.timestamp - timestamp_);
  if (!newer) return position_ + step;
  const Position by_arrival = arrived - length;  // its last sample was spoken when it was sent
  Position position = position_ + step;
  bool trusted = anchored_ && position >= arrived - kBehind * rate_ / 1000;
  if (recording_) {
    // A sender that falls back over what it has sent is not believed, save for a packet without sound; but the first
    // ones may have been spoken before the beginning.
    const bool falls_back = length > 0 && position < end_ && !(position < start_ && end_ == start_);
    trusted = trusted && !falls_back && position <= arrived + kAhead * rate_ / 1000;
    if (!trusted) position = by_arrival < end_ + kSnap * rate_ / 1000 ? end_ : by_arrival;
  } else if (!trusted || by_arrival < position) {
    position = by_arrival;  // before the beginning nothing binds us: the fastest packet so far is the best anchor
  }
  anchored_ = true;
  ssrc_ = packet.ssrc;
  sequence_ = packet.sequence;
  timestamp_ = packet.timestamp;
  position_ = position;
  return position;
}

Timeline::Placed Timeline::add(const RtpPacket& packet, std::span<const std::int16_t> samples, Instant arrival) {
  if (!has_epoch_) epoch_ = arrival;
  has_epoch_ = true;
  const Position arrived = clock(arrival);
  const bool newer = follows(packet);
  const auto length = static_cast<Position>(samples.size());
  Position position = place(packet, length, arrived, newer);
  if (!recording_) return Placed::early;
  if (samples.empty()) return Placed::silent;

  if (position < released_ && newer) {  // spoken across the beginning
    const Position before = std::min(released_ - position, length);
    samples = samples.subspan(static_cast<std::size_t>(before));
    position += before;
    if (samples.empty()) return Placed::early;
  }
  const Position end = position + static_cast<Position>(samples.size());
  if (position < released_ || end > arrived + 2 * kAhead * rate_ / 1000) {
    ++counts_.late;
    return position < released_ ? Placed::late : Placed::ahead;
  }
  if (end > end_) {
    pending_.resize(given_ + static_cast<std::size_t>(end - released_));
    end_ = end;
  }
  std::copy(samples.begin(), samples.end(),
            pending_.begin() + static_cast<std::ptrdiff_t>(given_) + static_cast<std::ptrdiff_t>(position - released_));
  ++counts_.recorded;
  return Placed::recorded;
}

std::span<const std::int16_t> Timeline::release(Position until) {
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(given_));
  given_ = 0;
  if (until <= released_) return {};
  given_ = static_cast<std::size_t>(until - released_);
  if (pending_.size() < given_) pending_.resize(given_);
  released_ = until;
  end_ = std::max(end_, until);
  return std::span{pending_}.first(given_);
}

std::span<const std::int16_t> Timeline::settled(Instant now) {
  if (!recording_) return {};
  const Position passed = clock(now);
  Position until = end_ - kReorder * rate_ / 1000;
  if (passed - end_ >= kFlush * rate_ / 1000) until = end_;
  return release(std::max(until, passed - kBehind * rate_ / 1000));
}

std::span<const std::int16_t> Timeline::finish(Instant end) {
  if (!recording_) return {};
  return release(std::max(end_, clock(end)));
}

Delay Timeline::waiting(Instant now) const {
  if (!recording_ || pending_.size() > given_) return Delay{0};
  return Delay{std::max<Position>(0, clock(now) - end_) * 1000 / rate_};
}

}  // namespace sip2mail
