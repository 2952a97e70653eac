// gateway/queue/recordings.hpp -- the directory recordings/: the audio of the items, one file each.
//
// Owned by the writer thread (recover() before it starts); readers only make paths. A name is durable after sync().
// Nothing but remove() deletes, and remove() is only called for what a COMMIT has put into `unlinks`.
#pragma once

#include <filesystem>
#include <string>

#include "gateway/base/files.hpp"
#include "src/base/ids.hpp"

namespace sip2mail {

[[nodiscard]] std::string recording_name(const ItemId& id);
[[nodiscard]] std::filesystem::path recording_path(const std::filesystem::path& queue_directory, const ItemId& id);

class Recordings {
 public:
  explicit Recordings(const std::filesystem::path& queue_directory);  // makes the directory (0700)

  // New and empty, mode 0600; an own empty leftover of a verb that ran before is taken. Throws std::system_error.
  [[nodiscard]] Fd create(const ItemId& id);
  // True when there is no such file any more.
  [[nodiscard]] bool remove(const std::string& name) noexcept;
  // To lost/, under a name that is free there.
  std::filesystem::path move_to_lost(const std::string& name);
  void sync() const { sync_directory(directory_); }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  std::filesystem::path lost_;
};

}  // namespace sip2mail
