// src/media/timeline.hpp -- packets placed by their RTP timestamp become gapless samples.
//
// Owned by a Session. Pure. Position 0 is the beginning of the recording; what was lost or never sent (DTX) is
// silence of its length. The sender's timestamps decide as long as they agree with the clock of arrival: one that runs
// more than a second ahead, or falls behind, and every new SSRC, is anchored again by arrival, so no timestamp can make
// the recording longer than the call, and no sound is dropped because a sender's clock stood still.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/base/time.hpp"
#include "src/media/rtp_packet.hpp"

namespace sip2mail {

class Timeline {
 public:
  explicit Timeline(int rate) : rate_{rate} {}

  // The recording begins: what was sent before is not of it.
  void begin(Instant start);

  enum class Placed { recorded, silent, early, late, ahead };
  // `samples` is the packet's sound; empty when it has none (comfort noise, a key).
  Placed add(const RtpPacket& packet, std::span<const std::int16_t> samples, Instant arrival);

  // The samples that nothing can change any more; valid until the next call of this object.
  [[nodiscard]] std::span<const std::int16_t> settled(Instant now);
  // All that is left, and silence up to the end of the call.
  [[nodiscard]] std::span<const std::int16_t> finish(Instant end);

  // How long nothing has come beyond what settled() gave out: silence, should it stay so.
  [[nodiscard]] Delay waiting(Instant now) const;

  struct Counts {
    std::int64_t expected = 0;  // by sequence number, since the beginning
    std::int64_t received = 0;
    std::int64_t recorded = 0;  // packets with sound that found their place
    std::int64_t late = 0;      // too late, or too far ahead, for any place
    [[nodiscard]] std::int64_t lost() const { return expected > received ? expected - received : 0; }
  };
  [[nodiscard]] const Counts& counts() const { return counts_; }

 private:
  using Position = std::int64_t;  // samples since epoch_

  [[nodiscard]] Position clock(Instant time) const;
  [[nodiscard]] bool follows(const RtpPacket& packet);
  [[nodiscard]] Position place(const RtpPacket& packet, Position length, Position arrived, bool newer);
  std::span<const std::int16_t> release(Position until);

  int rate_;
  Instant epoch_{};
  bool has_epoch_ = false;
  bool recording_ = false;

  bool anchored_ = false;  // the three below are of the newest packet
  std::uint32_t ssrc_ = 0;
  std::uint16_t sequence_ = 0;
  std::uint32_t timestamp_ = 0;
  Position position_ = 0;  // of timestamp_

  Position start_ = 0;                 // of the recording
  Position released_ = 0;              // all before it was given out
  Position end_ = 0;                   // of the last sample that was placed
  std::vector<std::int16_t> pending_;  // [released_, end_)
  std::size_t given_ = 0;              // samples at the front of pending_ that the last call gave out
  Counts counts_;
};

}  // namespace sip2mail
