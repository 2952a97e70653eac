#include "gateway/delivery/dispatcher_thread.hpp"

#include <poll.h>

#include <algorithm>

#include "gateway/base/clock.hpp"

namespace sip2mail {
namespace {

void sleep_until(int fd, std::optional<Instant> deadline) {
  int milliseconds = -1;
  if (deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now()).count();
    milliseconds = static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }
  pollfd ready{fd, POLLIN, 0};
  ::poll(&ready, 1, milliseconds);
}

}  // namespace

DispatcherThread::DispatcherThread(Dispatcher& dispatcher, Log& log)
    : dispatcher_{dispatcher}, thread_{[&dispatcher, &log] {
        while (!dispatcher.over()) {
          try {
            const std::optional<Instant> deadline = dispatcher.step(now(), utc_now());
            if (!dispatcher.over()) sleep_until(dispatcher.fd(), deadline);
          } catch (const std::exception& error) {
            log.error("delivery.trouble", {{"reason", error.what()}});
            ::poll(nullptr, 0, 1000);
          }
        }
      }} {}

void DispatcherThread::stop() {
  if (!thread_.joinable()) return;
  dispatcher_.stop();
  thread_.join();
}

}  // namespace sip2mail
