#include "gateway/media/media_pool.hpp"

#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "gateway/base/clock.hpp"

namespace sip2mail {
namespace {

void set_timer(int timer, std::optional<Delay> period) {
  itimerspec spec{};
  spec.it_interval.tv_nsec = period.value_or(Delay{0}).count() * 1'000'000;
  spec.it_value = spec.it_interval;
  ::timerfd_settime(timer, 0, &spec, nullptr);
}

}  // namespace

unsigned MediaPool::usual_threads() {
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

MediaPool::MediaPool(unsigned threads, const OwnMedia& own, Channel<MediaReport>& reports, Health& health)
    : recorder_{std::make_unique<Recorder>(reports, health)} {
  for (unsigned i = 0; i < std::max(1U, threads); ++i) {
    threads_.push_back(std::make_unique<MediaThread>(MediaContext{*recorder_, reports, own, counters_}));
    stops_.push_back(std::make_unique<Channel<bool>>());
    timers_.emplace_back(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!timers_.back()) throw_errno("cannot create", "timerfd");
  }
  // What may fail was done before: nothing catches an exception out of these threads.
  for (std::size_t i = 0; i < threads_.size(); ++i)
    loops_.emplace_back(run, std::ref(*threads_[i]), std::ref(*stops_[i]), timers_[i].get());
}

MediaPool::~MediaPool() {
  for (auto& stop : stops_) stop->push(true);
  for (auto& loop : loops_) loop.join();
  recorder_.reset();
}

void MediaPool::order(MediaOrder order) {
  const CallId call = std::visit([](const auto& any) { return any.call; }, order);
  threads_[static_cast<std::size_t>(call) % threads_.size()]->orders().push(std::move(order));
}

void MediaPool::run(MediaThread& work, Channel<bool>& stop, int timer) {
  std::optional<Delay> period;
  for (;;) {
    std::array<pollfd, 3> ready{{{work.orders().fd(), POLLIN, 0}, {timer, POLLIN, 0}, {stop.fd(), POLLIN, 0}}};
    ::poll(ready.data(), ready.size(), -1);
    if (ready[2].revents != 0) return;
    std::uint64_t expired = 0;
    [[maybe_unused]] const auto got = ::read(timer, &expired, sizeof expired);
    work.tick(now(), utc_now());
    if (work.period() == period) continue;
    period = work.period();
    set_timer(timer, period);
  }
}

}  // namespace sip2mail
