#include "src/delivery/relay_pace.hpp"

#include <algorithm>
#include <utility>

namespace sip2mail {
namespace {

constexpr Delay kFirstGap = 1s;
constexpr Delay kLeastGap = 50ms;  // below it the gap is not worth keeping
constexpr Delay kMostGap = 5min;
constexpr Delay kMinute = 1min;

}  // namespace

RelayPace::RelayPace(int connections, std::vector<Delay> probe, int max_per_minute)
    : connections_{std::max(connections, 1)},
      probe_{probe.empty() ? std::vector<Delay>{1s} : std::move(probe)},
      max_per_minute_{static_cast<std::size_t>(std::max(max_per_minute, 0))},
      most_{connections_},
      allowed_{connections_} {}

Instant RelayPace::not_before() const {
  if (max_per_minute_ == 0 || begun_.size() < max_per_minute_) return next_;
  return std::max(next_, begun_.front() + kMinute);
}

bool RelayPace::may_send(int in_flight, Instant now) const {
  if (now < not_before()) return false;
  if (standing_ == Standing::up) return in_flight < allowed_;
  return !probing_;
}

std::optional<Instant> RelayPace::opens_at(int in_flight) const {
  if (standing_ == Standing::up ? in_flight >= allowed_ : probing_) return std::nullopt;
  return not_before();
}

void RelayPace::began(Instant now) {
  if (standing_ != Standing::up) probing_ = true;
  if (gap_ > Delay{0}) next_ = now + gap_;
  if (most_ < connections_ && now >= crowded_at_ + kCrowded) {
    ++most_;
    crowded_at_ = now;
  }
  if (max_per_minute_ == 0) return;
  if (begun_.size() == max_per_minute_) begun_.pop_front();
  begun_.push_back(now);
}

void RelayPace::passed() {
  has_passed_ = true;
  if (standing_ != Standing::up) {
    standing_ = Standing::up;
    probing_ = false;
    step_ = 0;
    allowed_ = 1;
    next_ = Instant{};
    return;
  }
  allowed_ = std::min(most_, allowed_ * 2);
  gap_ = gap_ * 19 / 20;
  if (gap_ < kLeastGap) gap_ = Delay{0};
}

void RelayPace::went_down(Standing standing, Instant next) {
  standing_ = standing;
  probing_ = false;
  next_ = next;
}

void RelayPace::trouble(Instant now) {
  // Mails that were under way when it went down say nothing new; only the probe makes the wait longer.
  if (standing_ != Standing::up && !probing_) return;
  if (standing_ != Standing::down) step_ = 0;
  const Delay wait = probe_[std::min(step_, probe_.size() - 1)];
  ++step_;
  went_down(Standing::down, now + wait);
}

void RelayPace::refused_everybody(Instant now) {
  if (standing_ == Standing::misconfigured && !probing_) return;
  const Delay wait = std::exchange(has_passed_, false) ? probe_.front() : kConfigurationProbe;
  went_down(Standing::misconfigured, now + wait);
}

bool RelayPace::throttled(Instant now) {
  if (standing_ != Standing::up) {
    // It speaks again, but unwillingly: as one that is just up, with a gap.
    standing_ = Standing::up;
    probing_ = false;
    step_ = 0;
    allowed_ = 1;
  } else if (now - heeded_throttle_ < gap_ && gap_ > Delay{0}) {
    next_ = std::max(next_, now + gap_);
    return false;  // one burst, halved once
  }
  allowed_ = std::max(1, allowed_ / 2);
  gap_ = std::clamp(gap_ * 2, kFirstGap, kMostGap);
  heeded_throttle_ = now;
  next_ = now + gap_;
  return true;
}

void RelayPace::crowded(Instant now) {
  if (standing_ != Standing::up || most_ == 1) return trouble(now);
  --most_;
  allowed_ = std::min(allowed_, most_);
  crowded_at_ = now;
}

void RelayPace::ask_now(Instant now) {
  if (standing_ != Standing::up && !probing_) next_ = std::min(next_, now);
}

void RelayPace::returned() {
  probing_ = false;
}

}  // namespace sip2mail
