// gateway/media/receive.hpp -- what has come on a UDP socket, up to a batch with one system call (recvmmsg).
//
// One for each media thread: its buffers serve all sessions, no allocation a packet. Never blocks.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "src/base/network.hpp"

namespace sip2mail {

struct Datagram {
  Endpoint source;
  std::span<const std::uint8_t> bytes;
};

class Receiver {
 public:
  Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // Valid until the next call; datagrams that are larger than any sound are left out. `more`: the batch was full.
  struct Batch {
    std::span<const Datagram> datagrams;
    bool more = false;
  };
  [[nodiscard]] Batch receive(int socket);

 private:
  static constexpr std::size_t kBatch = 32;
  static constexpr std::size_t kLargest = 1600;

  std::array<std::array<std::uint8_t, kLargest>, kBatch> buffers_{};
  std::array<sockaddr_storage, kBatch> sources_{};
  std::array<iovec, kBatch> pieces_{};
  std::array<mmsghdr, kBatch> messages_{};
  std::vector<Datagram> datagrams_;
};

}  // namespace sip2mail
