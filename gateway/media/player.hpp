// gateway/media/player.hpp -- one call's outgoing RTP: prompts as a stream of 20 ms frames, paced by the clock.
//
// Owned by a Session. A thread that was stopped for a moment catches up with one frame a tick, never in a burst; after
// a long stop it goes on where it was, as if the time between had not been.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/media/media_messages.hpp"
#include "src/base/time.hpp"
#include "src/media/rtp_packet.hpp"

namespace sip2mail {

class Player {
 public:
  Player();  // SSRC, first sequence number and timestamp are random (RFC 3550 5.1)

  // One after the other; null ones are passed over. What still plays is cut short.
  void play(const std::vector<std::shared_ptr<const EncodedPrompt>>& prompts, Instant now);

  struct Frame {
    RtpPacket packet;  // without payload type and payload
    std::string_view payload;
  };
  // The frame that is due, at most one a call; valid until the next call.
  [[nodiscard]] std::optional<Frame> next(Instant now);

  [[nodiscard]] bool done(Instant now) const { return queue_.empty() && now >= next_frame_; }
  [[nodiscard]] Instant end() const { return next_frame_; }  // of the last frame's 20 ms, once all is given out

 private:
  std::vector<std::shared_ptr<const EncodedPrompt>> queue_;  // front first
  std::shared_ptr<const EncodedPrompt> last_;                // its last frame was given out: it must still live
  std::size_t frame_ = 0;                                    // of the front
  Instant next_frame_{};
  bool began_ = false;  // something was played before
  bool marker_ = true;  // the next packet is the first of its talkspurt (RFC 3551 4.1)
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t timestamp_;
};

}  // namespace sip2mail
