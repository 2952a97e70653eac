#include "gateway/queue/recordings.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace sip2mail {
namespace {

void make_private(const std::filesystem::path& directory) {
  if (::mkdir(directory.c_str(), 0700) == 0) {
    sync_directory(directory.parent_path());
  } else if (errno != EEXIST) {
    throw_errno("cannot create", directory);
  }
}

}  // namespace

std::string recording_name(const ItemId& id) {
  return id.text() + ".wav";
}

std::filesystem::path recording_path(const std::filesystem::path& queue_directory, const ItemId& id) {
  return queue_directory / "recordings" / recording_name(id);
}

Recordings::Recordings(const std::filesystem::path& queue_directory)
    : directory_{queue_directory / "recordings"}, lost_{queue_directory / "lost"} {
  make_private(directory_);
}

Fd Recordings::create(const ItemId& id) {
  const auto file = path(recording_name(id));
  Fd fd = open_file(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600);
  struct stat facts {};
  if (::fstat(fd.get(), &facts) != 0) throw_errno("cannot look at", file);
  if (!S_ISREG(facts.st_mode) || facts.st_size != 0) {
    errno = EEXIST;
    throw_errno("cannot record into", file);
  }
  return fd;
}

bool Recordings::remove(const std::string& name) noexcept {
  return ::unlink((directory_ / name).c_str()) == 0 || errno == ENOENT;
}

std::filesystem::path Recordings::move_to_lost(const std::string& name) {
  make_private(lost_);
  auto target = lost_ / name;
  for (int n = 1; std::filesystem::exists(std::filesystem::symlink_status(target)); ++n)
    target = lost_ / (name + "." + std::to_string(n));
  std::filesystem::rename(path(name), target);
  sync_directory(lost_);
  return target;
}

}  // namespace sip2mail
