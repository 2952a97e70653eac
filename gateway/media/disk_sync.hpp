// gateway/media/disk_sync.hpp -- once a second: recordings to the platter (one syncfs for all), and is there room.
//
// DiskSync is one second's work; DiskSyncThread does it on a thread of its own, since syncfs takes as long as the disk
// likes. Never two at once. Sets Health::disk_low.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <thread>

#include "gateway/base/channel.hpp"
#include "gateway/base/health.hpp"

namespace sip2mail {

struct Disk {
  std::function<bool()> sync;                                // false: it failed
  std::function<std::optional<std::uint64_t>()> free_bytes;  // nullopt: not known
};
// The file system of a directory. Throws when it cannot be opened.
[[nodiscard]] Disk disk_of(const std::filesystem::path& directory);

class DiskSync {
 public:
  struct Options {
    std::uint64_t min_free = 0;
    std::function<bool()> dirty;                  // was anything recorded since it was last asked
    std::function<std::uint64_t()> still_needed;  // bytes that running calls may still write
  };
  DiskSync(Disk disk, Options options, Health& health);

  void step();
  [[nodiscard]] std::uint64_t free_bytes() const { return free_.load(std::memory_order_relaxed); }    // any thread
  [[nodiscard]] std::uint64_t failures() const { return failures_.load(std::memory_order_relaxed); }  // any thread

 private:
  Disk disk_;
  Options options_;
  Health& health_;
  std::atomic<std::uint64_t> free_{0};
  std::atomic<std::uint64_t> failures_{0};
};

class DiskSyncThread {
 public:
  explicit DiskSyncThread(DiskSync& work);  // has done a step when it returns
  ~DiskSyncThread();                        // ends with one
  DiskSyncThread(const DiskSyncThread&) = delete;
  DiskSyncThread& operator=(const DiskSyncThread&) = delete;

 private:
  Channel<bool> stop_;
  std::thread thread_;
};

}  // namespace sip2mail
