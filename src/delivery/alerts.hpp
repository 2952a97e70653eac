// src/delivery/alerts.hpp -- what the administrator is told by mail, and how seldom (alert.email).
//
// Pure; owned by the dispatcher, who feeds it each event with the time it happened and comes back at deadline(). A
// relay that is back soon was no news; one that refuses us does not mend itself; at a recipient it is believed the
// second time. No relay, and no disk, is told of twice within an hour. Failures are gathered into one mail.
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

struct RelayDown {    // and each time that it is asked again in vain
  std::string relay;  // its name
  std::string url;
  bool refuses_us = false;  // certificate, AUTH, sender: somebody has to act
  std::string words;        // of the relay
  bool certain = true;      // it was not about a recipient, who may be the reason
  Delay patience{0};        // one that takes nothing is news when it has done so for that long
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
  static constexpr int kBelieved = 2;                // refusals of us
  static constexpr Delay kBetweenRelayNotices = 1h;  // that one is down
  static constexpr Delay kGather = 5s;               // failures that come together
  static constexpr Delay kBetweenFailures = 10min;   // mails of failures
  static constexpr Delay kBetweenDiskNotices = 1h;   // that it is low
  static constexpr std::size_t kMostListed = 20;

  [[nodiscard]] std::vector<Notice> on(const alert::Event& event, Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const;

 private:
  struct Outage {
    alert::RelayDown what;
    Instant since;
    int refusals = 0;  // of us
    bool told = false;
  };

  void take(const alert::RelayDown& event);
  void take(const alert::RelayUp& event);
  void take(const alert::ItemFailed& event);
  void take(const alert::Disk& event);
  void take(const alert::OtherRelays&) {
    outages_.clear();
    told_.clear();
  }
  void take(const alert::Tick&) {}
  void tell(const std::string& relay, Outage& outage);
  void look();
  [[nodiscard]] std::optional<Instant> failures_due() const;
  [[nodiscard]] std::optional<Instant> disk_due() const;

  std::map<std::string, Outage> outages_;
  std::map<std::string, Instant> told_;  // when a relay was, at last
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
