#include "src/call/call.hpp"

namespace sip2mail::call {
namespace {

constexpr Delay kOpenBound = 5s;
// The library tells after 32 s that no ACK came (RFC 3261 timer H); a word of it that was lost must not keep the call.
constexpr Delay kAckBound = 40s;
// A greeting that never ends (its media thread died) must not hold the line for ever.
constexpr Delay kGreetingBound = 10min;

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

Actions Call::on(const Event& event, Instant now) {
  const auto in = [this](auto... states) { return ((state_ == states) || ...); };
  const auto talking = [&] { return in(State::greeting, State::recording); };

  return std::visit(
      Overloaded{
          [&](const Invited&) -> Actions {
            if (!in(State::idle)) return {};
            state_ = State::opening;
            answer_at_ = now + limits_.answer_delay;
            deadline_ = now + kOpenBound;
            if (limits_.answer_delay > Delay{0}) return {OpenItem{}, Ring{}};
            return {OpenItem{}};
          },
          [&](const Opened&) -> Actions {
            if (in(State::opening) && now < answer_at_) {
              state_ = State::ringing;
              deadline_ = answer_at_;
              return {};
            }
            if (in(State::opening)) {
              state_ = State::answered;
              deadline_ = now + kAckBound;
              return {Answer{}};
            }
            if (in(State::cancelled)) return {settle_missed(!cancelled_elsewhere_)};
            if (in(State::refused)) return {settle_missed(false)};
            return {};
          },
          [&](const OpenRefused&) -> Actions {
            if (in(State::cancelled, State::refused)) state_ = State::over;
            if (!in(State::opening)) return {};
            state_ = State::over;
            deadline_.reset();
            return {Refuse{}};
          },
          [&](const Acked&) -> Actions {
            if (!in(State::answered)) return {};
            state_ = State::greeting;
            deadline_ = now + kGreetingBound;
            return {Play{}};
          },
          [&](const NoAck&) -> Actions { return in(State::answered) ? begin_seal(false, true) : Actions{}; },
          [&](const PromptDone&) -> Actions {
            if (!in(State::greeting)) return {};
            state_ = State::recording;
            deadline_ = now + limits_.max_length;
            return {};
          },
          [&](const FinishKey&) -> Actions { return in(State::recording) ? begin_seal(false, true) : Actions{}; },
          [&](const SilenceHeard&) -> Actions { return in(State::recording) ? begin_seal(false, true) : Actions{}; },
          [&](const NoRtp&) -> Actions { return talking() ? begin_seal(false, true) : Actions{}; },
          [&](const NotSaved&) -> Actions { return talking() ? begin_seal(true, true) : Actions{}; },
          [&](const HungUp&) -> Actions {
            return talking() || in(State::answered) ? begin_seal(false, false) : Actions{};
          },
          [&](const Cancelled& cancelled) -> Actions { return cancel(cancelled); },
          [&](const CutOff&) -> Actions {
            if (in(State::opening)) {
              state_ = State::refused;
              deadline_.reset();
              return {Refuse{}};
            }
            if (in(State::ringing)) return {Refuse{}, settle_missed(false)};
            return talking() || in(State::answered) ? begin_seal(in(State::recording), true) : Actions{};
          },
          [&](const Sealed& sealed) -> Actions {
            if (!in(State::sealing)) return {};
            if (sealed.heard.duration < limits_.min_length || sealed.heard.duration == Delay{0})
              return {settle_missed(true)};
            state_ = State::over;
            return {Keep{sealed.heard}};
          },
      },
      event);
}

Actions Call::wake(Instant now) {
  if (!deadline_ || now < *deadline_) return {};
  deadline_.reset();
  switch (state_) {
    case State::opening:  // the disk does not answer: the PBX shall take its next route
      state_ = State::refused;
      return {Refuse{}};
    case State::ringing:
      state_ = State::answered;
      deadline_ = now + kAckBound;
      return {Answer{}};
    case State::answered:
    case State::greeting:
    case State::recording:
      return begin_seal(false, true);
    default:
      return {};
  }
}

Actions Call::begin_seal(bool interrupted, bool hang_up) {
  state_ = State::sealing;
  deadline_.reset();
  if (hang_up) return {Seal{interrupted}, HangUp{}};
  return {Seal{interrupted}};
}

Action Call::settle_missed(bool wanted) {
  state_ = State::over;
  deadline_.reset();
  if (wanted && limits_.notify_missed) return Miss{};
  return Forget{};
}

Actions Call::cancel(const Cancelled& event) {
  if (state_ == State::opening) {
    state_ = State::cancelled;
    deadline_.reset();
    cancelled_elsewhere_ = event.answered_elsewhere;
    return {};
  }
  if (state_ == State::ringing) return {settle_missed(!event.answered_elsewhere)};
  return {};
}

}  // namespace sip2mail::call
