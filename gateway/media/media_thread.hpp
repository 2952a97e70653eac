// gateway/media/media_thread.hpp -- what one media thread does: its sessions, ticked.
//
// The class does not contain its loop (MediaPool does): orders come in by a channel, tick() is told the time. Frames
// go out at every tick; a session is drained at each fifth 20 ms, in a slot of its own, so that all of them spread over
// 100 ms.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "gateway/base/channel.hpp"
#include "gateway/media/media_messages.hpp"
#include "gateway/media/receive.hpp"
#include "gateway/media/session.hpp"

namespace sip2mail {

class MediaThread {
 public:
  explicit MediaThread(MediaContext context) : context_{std::move(context)} {}
  MediaThread(const MediaThread&) = delete;
  MediaThread& operator=(const MediaThread&) = delete;

  [[nodiscard]] Channel<MediaOrder>& orders() { return orders_; }

  void tick(Instant now, Timestamp utc);
  // How soon tick() wants to be called again: 5 ms while a prompt plays, else 20; nullopt: not before an order comes.
  [[nodiscard]] std::optional<Delay> period() const;

 private:
  void carry_out(MediaOrder order, Instant now);
  void drain_slots(Instant now);
  [[nodiscard]] Session* find(CallId call);

  MediaContext context_;
  Channel<MediaOrder> orders_;
  Channel<CallId> failures_;  // of recordings, from the recorder
  Receiver receiver_;
  std::unordered_map<CallId, std::unique_ptr<Session>> sessions_;
  std::array<std::vector<Session*>, 5> slots_;
  std::size_t next_slot_ = 0;  // of the next session that opens
  std::vector<Session*> playing_;
  std::int64_t drained_ = 0;  // the number of the last 20 ms whose slot was drained
};

}  // namespace sip2mail
