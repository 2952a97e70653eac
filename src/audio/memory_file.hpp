// src/audio/memory_file.hpp -- a file in memory for libsndfile's virtual I/O: grows as it is written, may be read back.
//
// Owned by the encoder (or a test) that opened it, one thread. Must outlive the SNDFILE and stay where it is.
#pragma once

#include <sndfile.h>

#include <string>

namespace sip2mail {

class MemoryFile {
 public:
  MemoryFile() = default;
  explicit MemoryFile(std::string bytes) : bytes_{std::move(bytes)} {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  // nullptr: sf_strerror(nullptr) says why.
  [[nodiscard]] SNDFILE* open(int mode, SF_INFO& info);
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  sf_count_t seek(sf_count_t offset, int whence);
  sf_count_t read(char* to, sf_count_t count);
  sf_count_t write(const char* from, sf_count_t count);

  std::string bytes_;
  std::size_t position_ = 0;
};

}  // namespace sip2mail
