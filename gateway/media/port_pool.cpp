#include "gateway/media/port_pool.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "gateway/base/random.hpp"
#include "gateway/base/sockets.hpp"

namespace sip2mail {
namespace {

// Some seconds of RTP, should this process be stopped so long; the kernel caps it at net.core.rmem_max.
void enlarge_buffer(int socket) {
  const int bytes = 256 * 1024;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

}  // namespace

PortPool::PortPool(PortRange range)
    : first_{range.first + range.first % 2}, pairs_{std::max(0, (range.last - first_ + 1) / 2)} {
  if (pairs_ > 0) next_ = static_cast<int>(random_number<std::uint32_t>() % static_cast<std::uint32_t>(pairs_));
}

std::optional<PortPair> PortPool::take(const Address& local) {
  for (int tried = 0; tried < pairs_; ++tried) {
    const auto port = static_cast<std::uint16_t>(first_ + 2 * next_);
    next_ = (next_ + 1) % pairs_;
    auto rtp = bind_udp({local, port});
    if (!rtp) continue;
    auto rtcp = bind_udp({local, static_cast<std::uint16_t>(port + 1)});
    if (!rtcp) continue;
    enlarge_buffer(rtp->get());
    return PortPair{std::move(*rtp), std::move(*rtcp), port};
  }
  return std::nullopt;
}

}  // namespace sip2mail
