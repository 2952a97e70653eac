// gateway/base/signals.hpp -- SIGTERM and SIGINT as events of a loop, instead of interrupts of any thread.
//
// Made on the main thread before any other starts: every thread inherits the blocked mask. SIGPIPE is ignored.
#pragma once

#include "gateway/base/files.hpp"

namespace sip2mail {

class Signals {
 public:
  Signals();
  [[nodiscard]] int fd() const { return fd_.get(); }
  // How many have come since it was last asked.
  [[nodiscard]] int take();

 private:
  Fd fd_;
};

}  // namespace sip2mail
