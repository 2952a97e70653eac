// gateway/queue/lock.hpp -- the right to write one queue directory: flock on its file `lock`, held while this lives.
//
// Owned by the Writer. The kernel lets go when the process ends, however it ends; the file stays.
#pragma once

#include <filesystem>

#include "gateway/base/files.hpp"

namespace sip2mail {

class DirectoryLock {
 public:
  // Makes the directory (0700) if there is none. Throws QueueBusy when another process has it, std::system_error when
  // it cannot be written.
  explicit DirectoryLock(const std::filesystem::path& directory);

 private:
  Fd file_;
};

}  // namespace sip2mail
