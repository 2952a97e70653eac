// gateway/media/media_pool.hpp -- the media threads, their loops, and the recorder behind them.
//
// Owned by main. An order goes to the thread of its call. Each loop sleeps in poll(2): on its orders, and on a timerfd
// of 5 ms while a prompt plays, 20 ms while there are sessions, off when there are none. The destructor stops the
// loops, then writes and seals what the recorder still has; reports and health outlive it.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "gateway/base/channel.hpp"
#include "gateway/base/health.hpp"
#include "gateway/media/media_messages.hpp"
#include "gateway/media/media_thread.hpp"
#include "gateway/media/recorder.hpp"

namespace sip2mail {

class MediaPool {
 public:
  MediaPool(unsigned threads, const OwnMedia& own, Channel<MediaReport>& reports, Health& health);
  ~MediaPool();
  MediaPool(const MediaPool&) = delete;
  MediaPool& operator=(const MediaPool&) = delete;

  void order(MediaOrder order);
  [[nodiscard]] Recorder& recorder() { return *recorder_; }  // for DiskSync: take_dirty()
  [[nodiscard]] const RtpCounters& counters() const { return counters_; }

  [[nodiscard]] static unsigned usual_threads();  // half the cores, at least one

 private:
  static void run(MediaThread& work, Channel<bool>& stop, int timer);

  RtpCounters counters_;
  std::vector<std::unique_ptr<MediaThread>> threads_;  // outlive the recorder: it writes to their channels
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::unique_ptr<Channel<bool>>> stops_;
  std::vector<Fd> timers_;
  std::vector<std::thread> loops_;
};

}  // namespace sip2mail
