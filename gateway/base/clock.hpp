// gateway/base/clock.hpp -- the two clocks, asked only by the loops that own a thread; everything else is told.
#pragma once

#include "src/base/time.hpp"

namespace sip2mail {

[[nodiscard]] inline Instant now() {
  return std::chrono::steady_clock::now();
}
[[nodiscard]] inline Timestamp utc_now() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

}  // namespace sip2mail
