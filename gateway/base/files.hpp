// gateway/base/files.hpp -- a file descriptor that closes itself, and the file operations that durability needs.
//
// A value: whoever holds the Fd owns the descriptor. Failures are std::system_error with the path and what was tried.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sip2mail {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_{fd} {}
  Fd(Fd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  [[nodiscard]] int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  void reset();
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// O_CLOEXEC is added; throws std::system_error naming the path.
[[nodiscard]] Fd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0600);
// Writes all of it, through EINTR and short writes.
void write_all(int fd, std::string_view bytes, const std::filesystem::path& name_in_errors);
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::size_t most_bytes);
void sync_file(int fd, const std::filesystem::path& name_in_errors);  // fdatasync
void sync_directory(const std::filesystem::path& directory);          // fsync of the directory: names are durable
[[noreturn]] void throw_errno(std::string_view what, const std::filesystem::path& path);

}  // namespace sip2mail
