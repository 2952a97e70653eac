// src/base/time.hpp -- the two kinds of time, and their text.
//
// Instant is steady and never leaves the process: deadlines. Timestamp is UTC in milliseconds and is stored.
// Nothing here asks a clock: time is always a parameter (gateway/base/clock.hpp asks).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sip2mail {

using Instant = std::chrono::steady_clock::time_point;
using Delay = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

using namespace std::chrono_literals;

// "2026-03-01T00:30:00Z"; with milliseconds "2026-03-01T00:30:00.125Z" (RFC 3339).
[[nodiscard]] std::string to_utc(Timestamp time);
[[nodiscard]] std::string to_utc_milliseconds(Timestamp time);

// "500ms", "30s", "10m", "2h", "5d"; nullopt when it is no duration, negative, or beyond ten years.
[[nodiscard]] std::optional<Delay> parse_duration(std::string_view text);
[[nodiscard]] std::string to_duration(Delay delay);

[[nodiscard]] inline Timestamp from_milliseconds(std::int64_t milliseconds) {
  return Timestamp{std::chrono::milliseconds{milliseconds}};
}
[[nodiscard]] inline std::int64_t to_milliseconds(Timestamp time) {
  return time.time_since_epoch().count();
}

}  // namespace sip2mail
