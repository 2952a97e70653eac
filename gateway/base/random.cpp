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
  // Ids of one thread rise also within a millisecond (ULID specification, monotonicity): their order is the arrival's.
  thread_local Timestamp last{};
  thread_local std::array<std::uint8_t, 10> bytes{};
  if (now > last) {
    last = now;
    fill_random(bytes);
    bytes[0] &= 0x7F;  // room to count up
  } else {
    for (std::size_t i = bytes.size(); i-- > 0 && ++bytes[i] == 0;) {
    }
  }
  return ItemId::make(last, bytes);
}

}  // namespace sip2mail
