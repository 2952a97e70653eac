#include "src/delivery/alerts.hpp"

#include <algorithm>
#include <utility>

namespace sip2mail {

std::vector<Notice> Alerts::on(const alert::Event& event, Instant now) {
  now_ = now;
  std::visit([this](const auto& it) { take(it); }, event);
  look();
  return std::exchange(notices_, {});
}

void Alerts::take(const alert::RelayDown& event) {
  Outage& outage = outages_.try_emplace(event.relay, Outage{event, now_, 0, false}).first->second;
  // From "takes nothing" to "refuses us" is news again.
  if (event.refuses_us && !outage.what.refuses_us) outage.told = false;
  outage.what = event;
  if (event.refuses_us) ++outage.refusals;
  if (!outage.told) tell(event.relay, outage);
}

// Only when it was asked just now: nobody knows of a relay that nothing waits for.
void Alerts::tell(const std::string& relay, Outage& outage) {
  const bool refuses_us = outage.what.refuses_us;
  const bool believed = outage.what.certain || outage.refusals >= kBelieved;
  if (refuses_us ? !believed : now_ < outage.since + outage.what.patience) return;
  const auto before = told_.find(relay);
  if (before != told_.end() && now_ < before->second + kBetweenRelayNotices) return;
  told_.insert_or_assign(relay, now_);
  outage.told = true;
  notices_.push_back({.about = refuses_us ? Notice::About::relay_refuses : Notice::About::relay_down,
                      .relay = relay,
                      .url = outage.what.url,
                      .words = outage.what.words,
                      .ago = std::chrono::duration_cast<Delay>(now_ - outage.since)});
}

void Alerts::take(const alert::RelayUp& event) {
  const auto found = outages_.find(event.relay);
  if (found == outages_.end()) return;
  if (found->second.told)
    notices_.push_back({.about = Notice::About::relay_back,
                        .relay = event.relay,
                        .url = found->second.what.url,
                        .ago = std::chrono::duration_cast<Delay>(now_ - found->second.since)});
  outages_.erase(found);
}

void Alerts::take(const alert::ItemFailed& event) {
  if (failed_.size() < kMostListed) failed_.push_back(event);
  ++failed_count_;
  if (!failed_since_) failed_since_ = now_;
}

void Alerts::take(const alert::Disk& event) {
  if (std::exchange(disk_low_, event.low) == event.low) return;
  if (event.low) {
    disk_low_since_ = now_;
  } else if (std::exchange(disk_told_, false)) {
    notices_.push_back({.about = Notice::About::disk_back,
                        .ago = std::chrono::duration_cast<Delay>(now_ - disk_low_since_.value_or(now_))});
  }
}

void Alerts::look() {
  if (const auto due = failures_due(); due && now_ >= *due) {
    notices_.push_back({.about = Notice::About::failed,
                        .failed = std::exchange(failed_, {}),
                        .count = std::exchange(failed_count_, 0)});
    failed_since_.reset();
    failures_told_ = now_;
  }
  if (const auto due = disk_due(); due && now_ >= *due) {
    disk_told_ = true;
    disk_low_told_ = now_;
    notices_.push_back({.about = Notice::About::disk_low});
  }
}

std::optional<Instant> Alerts::failures_due() const {
  if (!failed_since_) return std::nullopt;
  const Instant gathered = *failed_since_ + kGather;
  return failures_told_ ? std::max(gathered, *failures_told_ + kBetweenFailures) : gathered;
}

std::optional<Instant> Alerts::disk_due() const {
  if (!disk_low_ || disk_told_) return std::nullopt;
  return disk_low_told_ ? *disk_low_told_ + kBetweenDiskNotices : *disk_low_since_;
}

std::optional<Instant> Alerts::deadline() const {
  std::optional<Instant> next;
  const auto sooner = [&next](std::optional<Instant> other) {
    if (other && (!next || *other < *next)) next = other;
  };
  sooner(failures_due());
  sooner(disk_due());
  return next;
}

}  // namespace sip2mail
