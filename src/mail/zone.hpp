// src/mail/zone.hpp -- a time zone by its tz name, as a value.
//
// Loaded once (GLib reads the zone's file) by who loads the configuration, then only computed with; any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "src/base/time.hpp"

struct _GTimeZone;
struct _GDateTime;

namespace sip2mail {

class Zone {
 public:
  Zone();  // UTC
  // "Asia/Tokyo"; "" is the system's; nullopt for an unknown name.
  [[nodiscard]] static std::optional<Zone> load(const std::string& name);

  // With strftime's letters as g_date_time_format knows them, in the C locale.
  [[nodiscard]] std::string format(Timestamp time, const char* pattern) const;

  // The same moment as GLib's value, for a library that wants one.
  [[nodiscard]] std::shared_ptr<_GDateTime> at(Timestamp time) const;

 private:
  explicit Zone(std::shared_ptr<_GTimeZone> zone) : zone_{std::move(zone)} {}
  std::shared_ptr<_GTimeZone> zone_;
};

}  // namespace sip2mail
