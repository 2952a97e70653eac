#include "src/audio/memory_file.hpp"

#include <algorithm>
#include <cstdio>

namespace sip2mail {

SNDFILE* MemoryFile::open(int mode, SF_INFO& info) {
  SF_VIRTUAL_IO calls{};
  calls.get_filelen = [](void* self) { return static_cast<sf_count_t>(static_cast<MemoryFile*>(self)->bytes_.size()); };
  calls.seek = [](sf_count_t offset, int whence, void* self) {
    return static_cast<MemoryFile*>(self)->seek(offset, whence);
  };
  calls.read = [](void* to, sf_count_t count, void* self) {
    return static_cast<MemoryFile*>(self)->read(static_cast<char*>(to), count);
  };
  calls.write = [](const void* from, sf_count_t count, void* self) {
    return static_cast<MemoryFile*>(self)->write(static_cast<const char*>(from), count);
  };
  calls.tell = [](void* self) { return static_cast<sf_count_t>(static_cast<MemoryFile*>(self)->position_); };
  return sf_open_virtual(&calls, mode, &info, this);
}

sf_count_t MemoryFile::seek(sf_count_t offset, int whence) {
  const auto base = whence == SEEK_SET ? 0 : static_cast<sf_count_t>(whence == SEEK_CUR ? position_ : bytes_.size());
  if (base + offset < 0) return -1;
  position_ = static_cast<std::size_t>(base + offset);
  return base + offset;
}

sf_count_t MemoryFile::read(char* to, sf_count_t count) {
  if (count <= 0 || position_ >= bytes_.size()) return 0;
  const std::size_t some = std::min(static_cast<std::size_t>(count), bytes_.size() - position_);
  bytes_.copy(to, some, position_);
  position_ += some;
  return static_cast<sf_count_t>(some);
}

sf_count_t MemoryFile::write(const char* from, sf_count_t count) {
  if (count <= 0) return 0;
  const auto size = static_cast<std::size_t>(count);
  if (position_ + size > bytes_.size()) bytes_.resize(position_ + size);
  std::copy_n(from, size, bytes_.begin() + static_cast<std::ptrdiff_t>(position_));
  position_ += size;
  return count;
}

}  // namespace sip2mail
