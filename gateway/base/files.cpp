#include "gateway/base/files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace sip2mail {

void Fd::reset() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void throw_errno(std::string_view what, const std::filesystem::path& path) {
  throw std::system_error{errno, std::generic_category(), std::string{what} + " " + path.string()};
}

Fd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  if (fd < 0) throw_errno("cannot open", path);
  return Fd{fd};
}

void write_all(int fd, std::string_view bytes, const std::filesystem::path& name_in_errors) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("cannot write", name_in_errors);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string read_file(const std::filesystem::path& path, std::size_t most_bytes) {
  const Fd fd = open_file(path, O_RDONLY);
  std::string bytes;
  constexpr std::size_t step = 256 * 1024;
  while (bytes.size() < most_bytes) {
    const std::size_t had = bytes.size();
    bytes.resize(had + std::min(step, most_bytes - had));
    const ssize_t got = ::read(fd.get(), bytes.data() + had, bytes.size() - had);
    if (got < 0 && errno != EINTR) throw_errno("cannot read", path);
    bytes.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) break;
  }
  return bytes;
}

void sync_file(int fd, const std::filesystem::path& name_in_errors) {
  if (::fdatasync(fd) != 0) throw_errno("cannot sync", name_in_errors);
}

void sync_directory(const std::filesystem::path& directory) {
  const Fd fd = open_file(directory, O_RDONLY | O_DIRECTORY);
  if (::fsync(fd.get()) != 0) throw_errno("cannot sync", directory);
}

}  // namespace sip2mail
