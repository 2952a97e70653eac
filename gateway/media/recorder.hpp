// gateway/media/recorder.hpp -- blocks of sound into files, on a thread of its own, and the sealing of a file at its
// end, on another.
//
// Media threads hand blocks over and never wait: write(2) on a sick disk blocks for as long as it is sick. When a write
// fails, that call's id goes to the `failures` channel of its media thread, once, and what came later is dropped; what
// is on disk stays. end() is always answered by Sealed. The destructor writes and seals what was handed in.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>

#include "gateway/base/channel.hpp"
#include "gateway/base/files.hpp"
#include "gateway/base/health.hpp"
#include "gateway/media/media_messages.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

class Recorder {
 public:
  struct Limits {
    std::size_t most_behind = 64U * 1024 * 1024;  // bytes that wait for the disk: all calls that record are told
    Delay late{500};                              // a block waits longer: no new calls
  };
  Recorder(Channel<MediaReport>& reports, Health& health, Limits limits);
  Recorder(Channel<MediaReport>& reports, Health& health) : Recorder{reports, health, Limits{}} {}
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Any thread; the three of one call from the same one. `failures` outlives this object.
  void begin(CallId call, Fd file, int rate, Channel<CallId>& failures, Instant now);
  void write(CallId call, std::string block, Instant now);
  void end(CallId call, const Heard& heard, Instant now);  // its duration is what the file holds

  [[nodiscard]] bool overrun() const { return behind_.load(std::memory_order_relaxed) > limits_.most_behind; }
  // Sets or clears Health::recorder_behind; called often by who has a clock.
  void watch(Instant now);
  // Was anything written since this was last asked? Then it is worth a syncfs.
  [[nodiscard]] bool take_dirty() { return dirty_.exchange(false, std::memory_order_relaxed); }

 private:
  struct Begin {
    CallId call{};
    Fd file;
    int rate = 8000;
    Channel<CallId>* failures = nullptr;
  };
  struct Block {
    CallId call{};
    std::string bytes;
  };
  struct End {
    CallId call{};
    Heard heard;
  };
  struct Stop {};
  struct Job {
    std::variant<Begin, Block, End, Stop> work;
    Instant since;
  };
  struct File {  // the header's 44 bytes come first, and are written again by the sealer
    Fd fd;
    int rate = 8000;
    std::uint64_t written = 0;  // bytes, with the header
    bool failed = false;
    Channel<CallId>* failures = nullptr;
  };
  struct Seal {
    CallId call{};
    Heard heard;
    File file;
  };

  void record();
  void take(Begin begin);
  void take(const Block& block);
  void take(End end);
  void append(CallId call, File& file, std::string_view bytes);
  void seal_files();
  [[nodiscard]] static Sealed seal(Seal job);

  Limits limits_;
  Channel<MediaReport>& reports_;
  Health& health_;
  std::atomic<std::size_t> behind_{0};
  std::atomic<std::int64_t> in_hand_since_{0};  // steady nanoseconds; 0: nothing in hand
  std::atomic<bool> dirty_{false};

  std::unordered_map<CallId, File> files_;  // recorder thread
  Channel<Job> jobs_;
  Channel<std::optional<Seal>> seals_;
  std::thread recorder_;
  std::thread sealer_;
};

}  // namespace sip2mail
