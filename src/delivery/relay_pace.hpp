// src/delivery/relay_pace.hpp -- how fast one relay may be given mail: breaker, probe, ramp, rate.
//
//   up --trouble--> down --probe refused--> down, longer --passed--> up, one connection, then twice as many each pass
//
// Pure, owned by Dispatch. While it is down one mail at a time probes it: by relay.probe when it is not to be had,
// every 15 minutes when it refuses everybody (a second mail is asked after the first step of relay.probe before that is
// believed of a relay that has passed mail). A throttled relay stays up with a gap between mails that shrinks with
// each one that passes. A limit of mails a minute counts those that began, whatever became of them.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

class RelayPace {
 public:
  enum class Standing { up, down, misconfigured };

  RelayPace(int connections, std::vector<Delay> probe, int max_per_minute = 0);  // 0: no limit

  // A mail may begin now, while so many are in its hands.
  [[nodiscard]] bool may_send(int in_flight, Instant now) const;
  // When to ask again, if only time is in the way.
  [[nodiscard]] std::optional<Instant> opens_at(int in_flight) const;

  void began(Instant now);
  void passed();              // an answer that was the recipient's or content's own, or a delivery
  void trouble(Instant now);  // Verdict::relay
  void refused_everybody(Instant now);
  bool throttled(Instant now);  // false: of a burst that is heeded already
  // It takes fewer connections than are open: one less for an hour. When there is but one, it is trouble.
  void crowded(Instant now);
  void ask_now(Instant now);  // of one that is down: the probe is due
  void returned();            // the mail that had begun came back without a word of the relay

  [[nodiscard]] Standing standing() const { return standing_; }
  [[nodiscard]] int allowed() const { return standing_ == Standing::up ? allowed_ : 1; }
  [[nodiscard]] Delay gap() const { return gap_; }

  static constexpr Delay kConfigurationProbe = 15min;
  static constexpr Delay kCrowded = 1h;

 private:
  [[nodiscard]] Instant not_before() const;  // by gap, probe and limit
  void went_down(Standing standing, Instant next);

  const int connections_;
  const std::vector<Delay> probe_;
  const std::size_t max_per_minute_;
  std::deque<Instant> begun_;  // the last max_per_minute_ mails
  Standing standing_ = Standing::up;
  int most_;  // of connections_, what it has not refused
  int allowed_;
  Instant crowded_at_{};
  std::size_t step_ = 0;       // of probe_, the next one to wait
  bool probing_ = false;       // the one mail is under way
  bool has_passed_ = false;    // mail has passed since it was last misconfigured
  Instant next_{};             // the next mail not before
  Delay gap_{0};               // between the beginnings of two mails
  Instant heeded_throttle_{};  // answers to mails that began before it say nothing new
};

}  // namespace sip2mail
