// gateway/base/worker.hpp -- a thread between two channels: Job in, Result out.
//
// The function runs on the worker's own thread only. It must turn its failures into a Result: an exception out of it
// ends the program (a job without an answer would be a lost message). The destructor lets the job in hand finish,
// drops the jobs behind it, and joins.
#pragma once

#include <atomic>
#include <functional>
#include <optional>
#include <thread>
#include <utility>

#include "gateway/base/channel.hpp"

namespace sip2mail {

template <class Job, class Result>
class Worker {
 public:
  Worker(std::function<Result(Job)> work, Channel<Result>& results)
      : thread_{[this, work = std::move(work), &results] {
          for (;;) {
            for (std::optional<Job>& job : jobs_.wait(std::nullopt)) {
              if (!job || stopping_.load(std::memory_order_relaxed)) return;
              results.push(work(std::move(*job)));
            }
          }
        }} {}
  ~Worker() {
    stopping_.store(true, std::memory_order_relaxed);
    jobs_.push(std::nullopt);
    thread_.join();
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void give(Job job) { jobs_.push(std::move(job)); }

 private:
  Channel<std::optional<Job>> jobs_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace sip2mail
