// src/delivery/schedule.hpp -- when a refused recipient is tried again, and when it has been tried long enough.
//
// Pure arithmetic over queue.retry and queue.lifetime; the random number that spreads the tries is handed in.
#pragma once

#include <optional>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

struct Schedule {
  std::vector<Delay> retry;  // queue.retry: the last repeats
  Delay lifetime{0};         // queue.lifetime

  // After a recipient's own refusal, when `tries` were judged before this one; random from 0 up to 1 makes it ±20 %.
  [[nodiscard]] Delay delay(int tries, double random) const;
  // It has lived its lifetime since its first refusal, and every step of `retry` was used.
  [[nodiscard]] bool over(int tries, std::optional<Instant> first_refusal, Instant now) const;
};

}  // namespace sip2mail
