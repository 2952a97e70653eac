#include "gateway/media/receive.hpp"

#include "gateway/base/sockets.hpp"

namespace sip2mail {

Receiver::Receiver() {
  datagrams_.reserve(kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    pieces_[i] = {buffers_[i].data(), buffers_[i].size()};
    messages_[i].msg_hdr.msg_iov = &pieces_[i];
    messages_[i].msg_hdr.msg_iovlen = 1;
    messages_[i].msg_hdr.msg_name = &sources_[i];
  }
}

Receiver::Batch Receiver::receive(int socket) {
  for (auto& message : messages_) message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  datagrams_.clear();
  const int got = ::recvmmsg(socket, messages_.data(), kBatch, MSG_DONTWAIT, nullptr);
  for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got); ++i) {
    const msghdr& header = messages_[i].msg_hdr;
    if ((header.msg_flags & MSG_TRUNC) != 0) continue;
    const auto source = from_sockaddr(reinterpret_cast<const sockaddr*>(&sources_[i]), header.msg_namelen);
    if (source) datagrams_.push_back({*source, std::span{buffers_[i]}.first(messages_[i].msg_len)});
  }
  return {datagrams_, got == static_cast<int>(kBatch)};
}

}  // namespace sip2mail
