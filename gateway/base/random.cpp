#include "gateway/base/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace sip2mail {

void fill_random(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::system_error{errno, std::generic_category(), "getrandom"};
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

ItemId new_item_id(Timestamp now) {
  std::array<std::uint8_t, 10> bytes{};
  fill_random(bytes);
  return ItemId::make(now, bytes);
}

}  // namespace sip2mail
