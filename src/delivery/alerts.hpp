// src/delivery/alerts.hpp -- what the administrator is told by mail, and how seldom (alert.email).
//
// Pure; owned by the dispatcher, who feeds it each event with the time it happened and comes back at deadline(). A
// relay that is back soon was no news, unless it refuses us: that does not mend itself. Failures are gathered into one
// mail, a disk that is now full and now not is told of once an hour.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/base/ids.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

namespace alert {

struct RelayDown {
  std::string relay;  // its name
  std::string url;
  bool refuses_us = false;  // certificate, AUTH, sender: somebody has to act
  std::string words;        // of the relay
};
struct RelayUp {
  std::string relay;
};
struct ItemFailed {
  ItemId item;
  std::string address;
  std::string words;
};
struct Disk {
  bool low = false;
};
struct OtherRelays {};  // a reload: of the ones before nothing more is heard
struct Tick {};
using Event = std::variant<RelayDown, RelayUp, ItemFailed, Disk, OtherRelays, Tick>;

}  // namespace alert

// One mail.
struct Notice {
  enum class About { relay_down, relay_refuses, relay_back, failed, disk_low, disk_back };
  About about = About::relay_down;
  std::string relay{};
  std::string url{};
  std::string words{};
  Delay ago{0};                             // when it began
  std::vector<alert::ItemFailed> failed{};  // the first of them
  std::size_t count = 0;                    // of all
};

class Alerts {
 public:
  static constexpr Delay kPatience = 10min;         // with a relay that cannot be reached
  static constexpr Delay kGather = 1min;            // failures that come together
  static constexpr Delay kBetweenFailures = 10min;  // mails of failures
  static constexpr Delay kBetweenDiskNotices = 1h;  // that it is low
  static constexpr std::size_t kMostListed = 20;

  [[nodiscard]] std::vector<Notice> on(const alert::Event& event, Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const;

 private:
  struct Outage {
    alert::RelayDown what;
    Instant since;
    bool told = false;
  };

  void take(const alert::RelayDown& event);
  void take(const alert::RelayUp& event);
  void take(const alert::ItemFailed& event);
  void take(const alert::Disk& event);
  void take(const alert::OtherRelays&) { outages_.clear(); }
  void take(const alert::Tick&) {}
  void look();
  [[nodiscard]] std::optional<Instant> failures_due() const;
  [[nodiscard]] std::optional<Instant> disk_due() const;

  std::map<std::string, Outage> outages_;
  std::vector<alert::ItemFailed> failed_;
  std::size_t failed_count_ = 0;
  std::optional<Instant> failed_since_;
  std::optional<Instant> failures_told_;
  bool disk_low_ = false;
  bool disk_told_ = false;  // that it is low, and not yet that it is well
  std::optional<Instant> disk_low_since_;
  std::optional<Instant> disk_low_told_;
  Instant now_{};
  std::vector<Notice> notices_;
};

}  // namespace sip2mail
