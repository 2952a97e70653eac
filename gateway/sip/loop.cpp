#include "gateway/sip/loop.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "gateway/sip/handles.hpp"

namespace sip2mail {

struct Watch {
  Watch(SipLoop& owner, int descriptor, std::function<void()> callback)
      : loop{owner}, fd{descriptor}, ready{std::move(callback)} {}
  SipLoop& loop;
  int fd;
  std::function<void()> ready;
  int index = -1;

  static int wake(su_root_magic_t*, su_wait_t*, Watch* self) noexcept {
    try {
      self->ready();
    } catch (...) {
      self->loop.failure_ = std::current_exception();
      self->loop.stop();
    }
    return 0;
  }
};

struct SipLoop::Root {
  Root() {
    if (su_init() != 0) throw std::runtime_error{"sofia-sip does not start"};
    handle.reset(su_root_create(nullptr));
    if (!handle) throw std::runtime_error{"sofia-sip does not start"};
    su_root_threading(handle.get(), 0);  // no clones: 20-60 % of a call's CPU otherwise
  }
  ~Root() {
    handle.reset();
    su_deinit();
  }
  RootHandle handle;
};

SipLoop::SipLoop() : root_{std::make_unique<Root>()} {
  alarm_ = Fd{::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
  if (!alarm_) throw_errno("cannot create", "timerfd");
}

SipLoop::~SipLoop() {
  // The library wants its descriptors unregistered before the root goes.
  for (const auto& watch : watches_) su_root_deregister(root_->handle.get(), watch->index);
}

su_root_s* SipLoop::root() const {
  return root_->handle.get();
}

void SipLoop::watch(int fd, std::function<void()> ready) {
  auto watch = std::make_unique<Watch>(*this, fd, std::move(ready));
  su_wait_t wait = SU_WAIT_INIT;
  if (su_wait_create(&wait, fd, SU_WAIT_IN) != 0) throw_errno("cannot watch", "descriptor");
  watch->index = su_root_register(root_->handle.get(), &wait, &Watch::wake, watch.get(), 0);
  if (watch->index < 0) throw_errno("cannot watch", "descriptor");
  watches_.push_back(std::move(watch));
}

void SipLoop::on_alarm(std::function<void()> ring) {
  watch(alarm_.get(), [this, ring = std::move(ring)] {
    std::uint64_t count = 0;
    if (::read(alarm_.get(), &count, sizeof count) < 0) return;  // moved meanwhile
    alarm_at_.reset();
    ring();
  });
}

void SipLoop::set_alarm(std::optional<Instant> when) {
  if (when == alarm_at_) return;
  alarm_at_ = when;
  itimerspec timer{};
  if (when) {
    // Zero would switch it off: a time that has passed rings at once.
    const auto at = std::max<std::chrono::nanoseconds>(when->time_since_epoch(), 1ns);
    timer.it_value.tv_sec = std::chrono::floor<std::chrono::seconds>(at).count();
    timer.it_value.tv_nsec = (at % 1s).count();
  }
  if (::timerfd_settime(alarm_.get(), TFD_TIMER_ABSTIME, &timer, nullptr) != 0) throw_errno("cannot set", "timerfd");
}

void SipLoop::run() {
  su_root_run(root_->handle.get());
  if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

void SipLoop::stop() {
  su_root_break(root_->handle.get());
}

}  // namespace sip2mail
