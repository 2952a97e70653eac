// gateway/base/signals.hpp -- SIGTERM, SIGINT and SIGHUP as events of a loop, not as interrupts of any thread.
//
// Made on the main thread before any other starts: every thread inherits the blocked mask. SIGPIPE is ignored.
#pragma once

#include "gateway/base/files.hpp"

namespace sip2mail {

class Signals {
 public:
  Signals();
  [[nodiscard]] int fd() const { return fd_.get(); }
  struct Taken {
    int stop = 0;         // SIGTERM, SIGINT
    bool reload = false;  // SIGHUP
  };
  // What has come since it was last asked.
  [[nodiscard]] Taken take();

 private:
  Fd fd_;
};

}  // namespace sip2mail
