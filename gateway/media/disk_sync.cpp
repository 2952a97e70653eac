#include "gateway/media/disk_sync.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "gateway/base/clock.hpp"
#include "gateway/base/files.hpp"

namespace sip2mail {

Disk disk_of(const std::filesystem::path& directory) {
  const auto fd = std::make_shared<const Fd>(open_file(directory, O_RDONLY | O_DIRECTORY));
  return {[fd] { return ::syncfs(fd->get()) == 0; },
          [fd]() -> std::optional<std::uint64_t> {
            struct statvfs disk {};
            if (::fstatvfs(fd->get(), &disk) != 0) return std::nullopt;
            return std::uint64_t{disk.f_bavail} * disk.f_frsize;
          }};
}

DiskSync::DiskSync(Disk disk, Options options, Health& health)
    : disk_{std::move(disk)}, options_{std::move(options)}, health_{health} {}

void DiskSync::step() {
  if (options_.dirty() && !disk_.sync()) failures_.fetch_add(1, std::memory_order_relaxed);
  const auto free = disk_.free_bytes();
  if (!free) return;
  free_.store(*free, std::memory_order_relaxed);
  health_.set(Health::disk_low, *free < options_.min_free + options_.still_needed());
}

DiskSyncThread::DiskSyncThread(DiskSync& work) {
  work.step();  // before anything is taken: the first call or text must not come before it is known that there is room
  thread_ = std::thread{[this, &work] {
    for (Instant next = now() + 1s; stop_.wait(next).empty();) {
      next = now() + 1s;
      work.step();
    }
    work.step();
  }};
}

DiskSyncThread::~DiskSyncThread() {
  stop_.push(true);
  thread_.join();
}

}  // namespace sip2mail
