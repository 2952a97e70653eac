// gateway/delivery/dispatcher_thread.hpp -- the thread of the Dispatcher: step, sleep until the deadline or a word.
//
// An exception out of a step is logged, and the next step comes a second later.
#pragma once

#include <thread>

#include "gateway/delivery/dispatcher.hpp"

namespace sip2mail {

class DispatcherThread {
 public:
  DispatcherThread(Dispatcher& dispatcher, Log& log);
  ~DispatcherThread() { stop(); }
  DispatcherThread(const DispatcherThread&) = delete;
  DispatcherThread& operator=(const DispatcherThread&) = delete;

  // No new mail; returns when the transactions in hand have ended and their results are on disk (bounded).
  void stop();

 private:
  Dispatcher& dispatcher_;
  std::thread thread_;
};

}  // namespace sip2mail
