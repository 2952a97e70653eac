#include "src/mail/zone.hpp"

#include <glib.h>

#include <algorithm>

#include "src/mail/gobject.hpp"

namespace sip2mail {
namespace {

std::shared_ptr<GTimeZone> own(GTimeZone* zone) {
  return {zone, g_time_zone_unref};
}

// GLib counts in years 1 to 9999; a stored time beyond them is damage, and a mail with a wrong date is better than
// none.
std::int64_t within_years(Timestamp time) {
  constexpr std::int64_t first = -62'135'596'800 + 86'400;
  constexpr std::int64_t last = 253'402'300'799 - 86'400;
  return std::clamp(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count(), first, last);
}

}  // namespace

Zone::Zone() : zone_{own(g_time_zone_new_utc())} {}

std::optional<Zone> Zone::load(const std::string& name) {
  GTimeZone* zone = name.empty() ? g_time_zone_new_local() : g_time_zone_new_identifier(name.c_str());
  if (zone == nullptr) return std::nullopt;
  return Zone{own(zone)};
}

std::shared_ptr<GDateTime> Zone::at(Timestamp time) const {
  const std::shared_ptr<GDateTime> utc{g_date_time_new_from_unix_utc(within_years(time)), g_date_time_unref};
  return {g_date_time_to_timezone(utc.get(), zone_.get()), g_date_time_unref};
}

std::string Zone::format(Timestamp time, const char* pattern) const {
  const GMemory<char> text{g_date_time_format(at(time).get(), pattern)};
  return text ? std::string{text.get()} : std::string{};
}

}  // namespace sip2mail
