#include "gateway/delivery/due_reader.hpp"

#include <utility>

#include <algorithm>
#include <utility>

namespace sip2mail {
namespace {

constexpr std::size_t kPage = 1000;
constexpr int kPagesAStep = 4;          // events must not wait longer for a backlog
constexpr std::size_t kWorthIt = 1000;  // room for less is not worth a page, unless there is no more room at all
constexpr Delay kFresh = 10min;

bool is_fresh(int tries, Timestamp received, Timestamp utc) {
  return tries == 0 && utc - received < kFresh;
}

std::optional<Instant> as_instant(std::optional<Timestamp> time, Instant now, Timestamp utc) {
  return time ? std::optional{now - (utc - *time)} : std::nullopt;
}

}  // namespace

Waiting DueReader::waiting(const Item& item, const Recipient& recipient, Instant now, Timestamp utc) {
  return {recipient.id,
          recipient.address,
          recipient.form,
          item.envelope.kind == Kind::voicemail,
          is_fresh(recipient.tries, item.envelope.received, utc),
          recipient.tries,
          as_instant(recipient.first_refusal, now, utc),
          item.envelope.kind == Kind::alert};
}

Waiting DueReader::waiting(const Due& due, Instant now, Timestamp utc) {
  return {due.id,
          due.address,
          due.form,
          due.kind == Kind::voicemail,
          is_fresh(due.tries, due.received, utc),
          due.tries,
          as_instant(due.first_refusal, now, utc),
          due.kind == Kind::alert};
}

void DueReader::read(Instant now, Timestamp utc, const std::function<std::size_t()>& room,
                     const std::function<void(Waiting)>& take) {
  at_once_ = false;
  if (sick_until_ && now < *sick_until_) return;
  sick_until_.reset();
  if (next_due_ && utc >= *next_due_) scanning_ = true;
  if (std::exchange(overflowed_, false)) scanning_ = true;
  try {
    for (int page = 0; scanning_; ++page) {
      const std::size_t most = std::min(room(), kPage);
      if (most < kWorthIt) break;  // a result that is recorded makes room and brings us back
      if (page == kPagesAStep) {
        at_once_ = true;
        break;
      }
      const DuePage read = reader_.due(cursor_, utc, static_cast<int>(most));
      for (const Due& due : read.due) take(waiting(due, now, utc));
      cursor_ = read.end;
      if (read.due.size() == most) continue;
      cursor_ = {};
      scanning_ = overflowed_;  // `take` may have refused one
      overflowed_ = false;
      next_due_ = reader_.next_due(utc);
    }
  } catch (const std::exception& error) {
    sick(error, now);
  }
}

std::optional<Instant> DueReader::deadline(Instant now, Timestamp utc) const {
  if (sick_until_) return sick_until_;
  if (at_once_) return now;
  if (!next_due_) return std::nullopt;
  return now + std::max(Delay{0}, *next_due_ - utc);
}

void DueReader::from_the_beginning() {
  cursor_ = {};
  scanning_ = true;
}

void DueReader::due_at(Timestamp time) {
  if (!next_due_ || time < *next_due_) next_due_ = time;
}

std::optional<Item> DueReader::show(const ItemId& id, Instant now) {
  try {
    return reader_.show(id);
  } catch (const std::exception& error) {
    sick(error, now);
    return std::nullopt;
  }
}

std::optional<StoredContent> DueReader::content(const ItemId& id, Instant now) {
  try {
    return reader_.content(id);
  } catch (const std::exception& error) {
    sick(error, now);
    return std::nullopt;
  }
}

void DueReader::sick(const std::exception& error, Instant now) {
  if (!sick_until_) log_.error("queue.unreadable", {{"reason", error.what()}});
  sick_until_ = now + 1s;
  overflowed_ = true;  // whatever was to be read is found by a scan
}

}  // namespace sip2mail
