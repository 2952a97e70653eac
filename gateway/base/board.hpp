// gateway/base/board.hpp -- the latest constant state, for any reader on any thread.
//
// One thread publishes; readers take a shared pointer that stays what it was when they took it.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace sip2mail {

template <class T>
class Board {
 public:
  Board() : state_{std::make_shared<const T>()} {}
  explicit Board(T state) : state_{std::make_shared<const T>(std::move(state))} {}

  void publish(T state) {
    auto next = std::make_shared<const T>(std::move(state));
    const std::lock_guard lock{mutex_};
    state_.swap(next);
  }
  [[nodiscard]] std::shared_ptr<const T> read() const {
    const std::lock_guard lock{mutex_};
    return state_;
  }

 private:
  mutable std::mutex mutex_;  // atomic<shared_ptr> of GCC 12 is a spin lock that TSan cannot see through
  std::shared_ptr<const T> state_;
};

}  // namespace sip2mail
