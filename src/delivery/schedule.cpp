#include "src/delivery/schedule.hpp"

#include <algorithm>

namespace sip2mail {

Delay Schedule::delay(int tries, double random) const {
  if (retry.empty()) return 1h;
  const auto step = std::min(static_cast<std::size_t>(std::max(tries, 0)), retry.size() - 1);
  const double spread = 0.8 + 0.4 * std::clamp(random, 0.0, 1.0);
  return Delay{static_cast<std::int64_t>(static_cast<double>(retry[step].count()) * spread)};
}

bool Schedule::over(int tries, std::optional<Instant> first_refusal, Instant now) const {
  if (!first_refusal) return false;  // this is the first
  return now - *first_refusal >= lifetime && static_cast<std::size_t>(std::max(tries, 0)) >= retry.size();
}

}  // namespace sip2mail
