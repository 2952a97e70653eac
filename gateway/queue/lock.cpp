#include "gateway/queue/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "gateway/queue/writer.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

void make_directory(const std::filesystem::path& directory) {
  const auto parent = std::filesystem::absolute(directory).parent_path();
  std::filesystem::create_directories(parent);
  if (::mkdir(directory.c_str(), 0700) == 0) {
    sync_directory(parent);
  } else if (errno != EEXIST) {
    throw_errno("cannot create", directory);
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) throw_errno("cannot write in", directory);
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory) {
  make_directory(directory);
  const auto path = directory / "lock";
  file_ = open_file(path, O_RDWR | O_CREAT, 0600);
  if (::flock(file_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) throw_errno("cannot lock", path);
    const std::string holder{printable(read_file(path, 20))};
    throw QueueBusy{"another sip2mail" + (holder.empty() ? std::string{} : " (process " + holder + ")") + " uses " +
                    directory.string() + ": stop it, or talk to it"};
  }
  // Only a hint for the message above: the lock is what counts, so a full disk does no harm.
  const std::string process = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file_.get(), 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(file_.get(), process.data(), process.size(), 0);
}

}  // namespace sip2mail
