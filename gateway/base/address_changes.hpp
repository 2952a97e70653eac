// gateway/base/address_changes.hpp -- tells that this machine's addresses may have changed (rtnetlink(7)).
//
// Owned by serve(), watched by its loop. Where the kernel gives no such socket (a sandbox) it is silent: fd() is -1.
#pragma once

#include "gateway/base/files.hpp"

namespace sip2mail {

class AddressChanges {
 public:
  AddressChanges();
  [[nodiscard]] int fd() const { return fd_.get(); }
  // Takes what the kernel has told: how it is now, local_addresses() says.
  void drain();

 private:
  Fd fd_;
};

}  // namespace sip2mail
