#include "src/base/time.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

namespace sip2mail {
namespace {

std::string format(Timestamp time, bool milliseconds) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 40> text{};
  const int year = int{date.year()};
  const unsigned month = unsigned{date.month()};
  const unsigned of_month = unsigned{date.day()};
  const int hours = static_cast<int>(clock.hours().count());
  const int minutes = static_cast<int>(clock.minutes().count());
  const int seconds = static_cast<int>(clock.seconds().count());
  const int length =
      milliseconds ? std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", year, month,
                                   of_month, hours, minutes, seconds, static_cast<int>(clock.subseconds().count()))
                   : std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", year, month, of_month,
                                   hours, minutes, seconds);
  return {text.data(), static_cast<std::size_t>(length)};
}

constexpr std::array<std::pair<std::string_view, Delay>, 5> kUnits{
    {{"d", std::chrono::hours{24}}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}}};

}  // namespace

std::string to_utc(Timestamp time) {
  return format(time, false);
}
std::string to_utc_milliseconds(Timestamp time) {
  return format(time, true);
}

std::optional<Delay> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || number < 0) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  constexpr Delay most = std::chrono::hours{24 * 3653};
  for (const auto& [name, length] : kUnits) {
    if (unit != name) continue;
    if (number > most / length) return std::nullopt;
    return number * length;
  }
  return number == 0 && unit.empty() ? std::optional{Delay{0}} : std::nullopt;
}

std::string to_duration(Delay delay) {
  if (delay == Delay{0}) return "0s";
  for (const auto& [name, length] : kUnits) {
    if (delay % length == Delay{0}) return std::to_string(delay / length) + std::string{name};
  }
  return std::to_string(delay.count()) + "ms";
}

}  // namespace sip2mail
