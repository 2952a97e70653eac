// gateway/sip/loop.hpp -- the main thread's loop: sofia's su_root with our descriptors and one alarm in it.
//
// Owned by serve(), which runs it on the main thread. Callbacks must not throw: what they throw ends the program after
// a log line (main -> exit), because the loop cannot know what it left half done.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/base/files.hpp"
#include "src/base/time.hpp"

struct su_root_s;

namespace sip2mail {

struct Watch;

class SipLoop {
 public:
  SipLoop();
  ~SipLoop();
  SipLoop(const SipLoop&) = delete;
  SipLoop& operator=(const SipLoop&) = delete;

  [[nodiscard]] su_root_s* root() const;

  // ready() whenever the descriptor can be read; the descriptor must outlive the loop.
  void watch(int fd, std::function<void()> ready);
  // ring() once when the time has come; a later call moves the alarm, nullopt switches it off.
  void on_alarm(std::function<void()> ring);
  void set_alarm(std::optional<Instant> when);

  void run();   // until stop(); rethrows what a callback threw
  void stop();  // from a callback

 private:
  friend struct Watch;
  struct Root;
  std::unique_ptr<Root> root_;
  std::vector<std::unique_ptr<Watch>> watches_;
  Fd alarm_;
  std::optional<Instant> alarm_at_;
  std::exception_ptr failure_;
};

}  // namespace sip2mail
