// gateway/base/channel.hpp -- events from any thread to the one thread that owns the channel.
//
// A mutex, a vector and an eventfd: one wake-up a batch. push() never blocks longer than the swap of a vector and
// never drops; bounds belong to the sender (admission). The owner polls fd() and calls drain(); or waits in wait().
#pragma once

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/base/files.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

template <class T>
class Channel {
 public:
  Channel() : event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)} {
    if (!event_) throw_errno("cannot create", "eventfd");
  }

  void push(T value) {
    bool wake = false;
    {
      const std::lock_guard lock{mutex_};
      wake = values_.empty();
      values_.push_back(std::move(value));
    }
    if (wake) signal();
  }

  // All that has come, in order; empty when nothing has.
  [[nodiscard]] std::vector<T> drain() {
    std::uint64_t count = 0;
    if (::read(event_.get(), &count, sizeof count) < 0) count = 0;  // EAGAIN: nobody rang
    std::vector<T> values;
    const std::lock_guard lock{mutex_};
    values.swap(values_);
    return values;
  }

  // Sleeps until something comes or the deadline has passed (nullopt: for ever), then drains.
  [[nodiscard]] std::vector<T> wait(std::optional<Instant> deadline) {
    for (;;) {
      if (auto values = drain(); !values.empty()) return values;
      int milliseconds = -1;
      if (deadline) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return {};
        milliseconds = static_cast<int>(std::min<std::int64_t>(left.count(), 3'600'000));
      }
      pollfd ready{event_.get(), POLLIN, 0};
      ::poll(&ready, 1, milliseconds);
    }
  }

  [[nodiscard]] int fd() const { return event_.get(); }

 private:
  void signal() const {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the owner is awake.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
  }

  Fd event_;
  std::mutex mutex_;
  std::vector<T> values_;
};

}  // namespace sip2mail
