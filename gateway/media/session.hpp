// gateway/media/session.hpp -- one call's sound: what comes in, what goes out, and the block that is on its way to the
// disk.
//
//   opened --play--> waiting --target known, or 1 s--> prompting --beep's end--> recording
//                                                            any --fail--> apologizing --> over
//
// Owned by one MediaThread, which ticks it. Sends nothing before play(), and nothing while it records. Packets are
// drained in every phase, so that the timeline knows the sender's clock when the recording begins.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "gateway/base/channel.hpp"
#include "gateway/base/files.hpp"
#include "gateway/media/media_messages.hpp"
#include "gateway/media/player.hpp"
#include "gateway/media/receive.hpp"
#include "gateway/media/recorder.hpp"
#include "src/media/sound_level.hpp"
#include "src/media/source_lock.hpp"
#include "src/media/telephone_event.hpp"
#include "src/media/timeline.hpp"

namespace sip2mail {

// rtp_packets_total by result; any thread reads.
struct RtpCounters {
  std::atomic<std::uint64_t> recorded{0};
  std::atomic<std::uint64_t> late{0};
  std::atomic<std::uint64_t> lost{0};
  std::atomic<std::uint64_t> foreign{0};
};

// What a session is given by its thread.
struct MediaContext {
  Recorder& recorder;
  Channel<MediaReport>& reports;
  OwnMedia own;
  RtpCounters& counters;
};

class Session {
 public:
  Session(OpenSession open, MediaContext& context, Channel<CallId>& failures, Instant now);

  void play(Instant now);
  void move(const SessionPlan& plan, Instant now);
  void press(char key, Instant now);
  void fail(Instant now);  // the disk does not take its recording
  void tick(Instant now, Timestamp utc);
  void drain(Receiver& receiver, Instant now);
  void seal(Receiver& receiver, bool interrupted, Instant now);

  // Frames are due every 20 ms: it wants a tick each 5 ms.
  [[nodiscard]] bool plays() const {
    return phase_ == Phase::waiting || phase_ == Phase::prompting || phase_ == Phase::apologizing;
  }

 private:
  enum class Phase { opened, waiting, prompting, recording, apologizing, over };

  void receive_all(Receiver& receiver, Instant now);
  void take(const Datagram& datagram, Instant now);
  void begin_recording(Instant start, Instant now, Timestamp utc);
  void keep(std::span<const std::int16_t> samples, Instant now);
  void flush(Instant now);
  void judge_silence(Instant now);
  void send(const Player::Frame& frame);
  template <class Report>
  void report(Report what) {
    context_.reports.push(MediaReport{std::move(what)});
  }

  CallId call_;
  SessionPlan plan_;
  Codec prompt_codec_;
  Fd rtp_;
  Fd rtcp_;
  MediaContext& context_;

  Phase phase_ = Phase::opened;
  unsigned drains_ = 0;
  bool disk_failed_ = false;
  bool skipped_ = false;  // the greeting, by a key
  bool told_key_ = false;
  bool told_silence_ = false;
  bool told_no_rtp_ = false;
  Instant send_anyway_{};   // waiting for a target ends
  Instant heard_{};         // last sign of life
  Instant silence_from_{};  // the silence clock does not look further back

  SourceLock source_;
  Player player_;
  TelephoneEvents events_;
  Timeline timeline_;
  SoundLevel level_;
  std::string block_;
  Instant block_began_{};
};

}  // namespace sip2mail
