#include "gateway/media/recorder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "src/media/wav.hpp"

namespace sip2mail {

Recorder::Recorder(Channel<MediaReport>& reports, Health& health, Limits limits)
    : limits_{limits}, reports_{reports}, health_{health}, recorder_{[this] { record(); }}, sealer_{[this] {
        seal_files();
      }} {}

Recorder::~Recorder() {
  jobs_.push({Stop{}, {}});
  recorder_.join();
  seals_.push(std::nullopt);
  sealer_.join();
}

void Recorder::begin(CallId call, Fd file, int rate, Channel<CallId>& failures, Instant now) {
  jobs_.push({Begin{call, std::move(file), rate, &failures}, now});
}

void Recorder::write(CallId call, std::string block, Instant now) {
  behind_.fetch_add(block.size(), std::memory_order_relaxed);
  jobs_.push({Block{call, std::move(block)}, now});
}

void Recorder::end(CallId call, const Heard& heard, Instant now) {
  jobs_.push({End{call, heard}, now});
}

void Recorder::watch(Instant now) {
  const std::int64_t since = in_hand_since_.load();
  const bool late = since != 0 && now.time_since_epoch() - std::chrono::nanoseconds{since} > limits_.late;
  health_.set(Health::recorder_behind, late);
  // It was done in between, and cleared the flag before we set it.
  if (late && in_hand_since_.load() != since) health_.set(Health::recorder_behind, false);
}

void Recorder::record() {
  for (;;) {
    for (Job& job : jobs_.wait(std::nullopt)) {
      in_hand_since_.store(job.since.time_since_epoch().count());
      if (std::holds_alternative<Stop>(job.work)) return;
      if (auto* begin = std::get_if<Begin>(&job.work)) take(std::move(*begin));
      if (auto* block = std::get_if<Block>(&job.work)) take(*block);
      if (auto* end = std::get_if<End>(&job.work)) take(*end);
    }
    in_hand_since_.store(0);
    health_.set(Health::recorder_behind, false);
  }
}

void Recorder::take(Begin begin) {
  // pwrite(2) on a file that appends ignores its offset, and the sealer writes the header again.
  if (const int flags = ::fcntl(begin.file.get(), F_GETFL); flags >= 0 && (flags & O_APPEND) != 0)
    ::fcntl(begin.file.get(), F_SETFL, flags & ~O_APPEND);
  File& file = files_[begin.call];
  file = File{std::move(begin.file), begin.rate, 0, false, begin.failures};
  append(begin.call, file, wav_header({file.rate, 0}));  // with the true rate: enough to mend it after a crash
}

void Recorder::take(const Block& block) {
  if (const auto found = files_.find(block.call); found != files_.end()) append(block.call, found->second, block.bytes);
  behind_.fetch_sub(block.bytes.size(), std::memory_order_relaxed);
}

void Recorder::append(CallId call, File& file, std::string_view bytes) {
  while (!bytes.empty() && !file.failed) {
    const ssize_t written = ::write(file.fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      file.failed = true;
      file.failures->push(call);
      return;
    }
    file.written += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    dirty_.store(true, std::memory_order_relaxed);
  }
}

void Recorder::take(End end) {
  auto node = files_.extract(end.call);
  if (node.empty()) return;
  seals_.push(Seal{end.call, end.heard, std::move(node.mapped())});
}

void Recorder::seal_files() {
  for (;;) {
    for (std::optional<Seal>& job : seals_.wait(std::nullopt)) {
      if (!job) return;
      reports_.push(seal(std::move(*job)));
    }
  }
}

// However the disk behaves, there is an answer; what it would not take is told as `interrupted`.
Sealed Recorder::seal(Seal job) {
  const int fd = job.file.fd.get();
  WavFormat format{job.file.rate, 0};
  if (job.file.written > kWavHeader) format.data_bytes = (job.file.written - kWavHeader) / 2 * 2;
  const std::string header = wav_header(format);
  const bool mended = ::pwrite(fd, header.data(), header.size(), 0) == static_cast<ssize_t>(header.size());
  const bool synced = ::fdatasync(fd) == 0;
  job.heard.duration = format.duration();
  job.heard.flags.interrupted = job.heard.flags.interrupted || job.file.failed || !mended || !synced;
  return {job.call, job.heard};
}

}  // namespace sip2mail
