#include "gateway/base/address_changes.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace sip2mail {

AddressChanges::AddressChanges() : fd_{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE)} {
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR;
  if (fd_ && ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd_.reset();
}

void AddressChanges::drain() {
  std::array<char, 8192> told;
  // ENOBUFS: more was told than there was room for; the next read goes on.
  while (::recv(fd_.get(), told.data(), told.size(), 0) >= 0 || errno == EINTR || errno == ENOBUFS) {
  }
}

}  // namespace sip2mail
