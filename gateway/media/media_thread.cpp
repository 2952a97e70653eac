#include "gateway/media/media_thread.hpp"

#include <algorithm>
#include <utility>

namespace sip2mail {
namespace {

constexpr Delay kSlot{20};
constexpr Delay kWhilePlaying{5};

}  // namespace

Session* MediaThread::find(CallId call) {
  const auto found = sessions_.find(call);
  return found == sessions_.end() ? nullptr : found->second.get();
}

void MediaThread::tick(Instant now, Timestamp utc) {
  for (MediaOrder& order : orders_.drain()) carry_out(std::move(order), now);
  const auto fail = [&](Session& session) {
    session.fail(now);
    if (session.plays() && std::find(playing_.begin(), playing_.end(), &session) == playing_.end())
      playing_.push_back(&session);
  };
  for (const CallId call : failures_.drain()) {
    if (Session* session = find(call)) fail(*session);
  }
  if (context_.recorder.overrun()) {
    for (auto& [call, session] : sessions_) fail(*session);
  }
  context_.recorder.watch(now);
  // Before the drain: a recording that begins now takes what has come since.
  for (Session* session : playing_) session->tick(now, utc);
  std::erase_if(playing_, [](const Session* session) { return !session->plays(); });
  drain_slots(now);
}

void MediaThread::drain_slots(Instant now) {
  const std::int64_t current = now.time_since_epoch() / kSlot;
  drained_ = std::max(drained_, current - static_cast<std::int64_t>(slots_.size()));  // after a stop: each once
  while (drained_ < current) {
    ++drained_;
    for (Session* session : slots_[static_cast<std::size_t>(drained_) % slots_.size()]) session->drain(receiver_, now);
  }
}

std::optional<Delay> MediaThread::period() const {
  if (sessions_.empty()) return std::nullopt;
  return playing_.empty() ? kSlot : kWhilePlaying;
}

void MediaThread::carry_out(MediaOrder order, Instant now) {
  if (auto* open = std::get_if<OpenSession>(&order)) {
    const CallId call = open->call;
    if (find(call) != nullptr) return;
    auto session = std::make_unique<Session>(std::move(*open), context_, failures_, now);
    slots_[next_slot_++ % slots_.size()].push_back(session.get());
    sessions_.emplace(call, std::move(session));
  } else if (const auto* play = std::get_if<PlayPrompts>(&order)) {
    Session* session = find(play->call);
    if (session == nullptr || session->plays()) return;
    session->play(now);
    if (session->plays()) playing_.push_back(session);
  } else if (const auto* move = std::get_if<MoveSession>(&order)) {
    if (Session* session = find(move->call)) session->move(move->plan, now);
  } else if (const auto* press = std::get_if<PressKey>(&order)) {
    if (Session* session = find(press->call)) session->press(press->key, now);
  } else if (const auto* seal = std::get_if<SealSession>(&order)) {
    Session* session = find(seal->call);
    if (session == nullptr) return;
    session->seal(receiver_, seal->interrupted, now);
    for (auto& slot : slots_) std::erase(slot, session);
    std::erase(playing_, session);
    sessions_.erase(seal->call);
  }
}

}  // namespace sip2mail
