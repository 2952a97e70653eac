// src/call/call.hpp -- one voicemail call as a pure state machine.
//
//   idle --Invited--> opening --Opened--> [ringing] --> answered --Acked--> greeting --PromptDone--> recording
//        --> sealing --> over
//
// The machine owns no socket, file or clock. The SIP thread feeds it each event with the time it happened, carries out
// the returned actions in order, and comes back at deadline(). An unexpected event changes nothing.
// A Call outlives its dialog: in opening it waits for Opened (5 s, then 503; a late Opened is forgotten), later it
// seals; it ends in Keep, Miss or Forget. A call that got our 200 but never sent its ACK is a missed call: its item was
// accepted, and only configuration drops what was accepted.
#pragma once

#include <optional>

#include "src/call/call_events.hpp"

namespace sip2mail::call {

class Call {
 public:
  explicit Call(Limits limits) : limits_{limits} {}

  [[nodiscard]] Actions on(const Event& event, Instant now);
  // deadline() has passed; harmless when called early.
  [[nodiscard]] Actions wake(Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const { return deadline_; }

  // Nothing more will be asked: Keep, Miss or Forget was, or there is no item.
  [[nodiscard]] bool over() const { return state_ == State::over; }
  // Still needs room on the disk and a place among sip.max-calls.
  [[nodiscard]] bool live() const { return state_ < State::cancelled; }

 private:
  enum class State { idle, opening, ringing, answered, greeting, recording, cancelled, refused, sealing, over };

  Actions begin_seal(bool interrupted, bool hang_up);
  Action settle_missed(bool wanted);
  Actions cancel(const Cancelled& event);

  Limits limits_;
  State state_ = State::idle;
  bool cancelled_elsewhere_ = false;
  Instant answer_at_{};
  std::optional<Instant> deadline_;
};

}  // namespace sip2mail::call
