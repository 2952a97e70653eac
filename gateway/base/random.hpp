// gateway/base/random.hpp -- random bytes of the kernel (getrandom), any thread; the program ends when there are none.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/base/ids.hpp"

namespace sip2mail {

void fill_random(std::span<std::uint8_t> bytes);

template <class Number>
[[nodiscard]] Number random_number() {
  std::array<std::uint8_t, sizeof(Number)> bytes{};
  fill_random(bytes);
  Number number{};
  for (const std::uint8_t byte : bytes) number = static_cast<Number>(static_cast<std::uint64_t>(number) << 8 | byte);
  return number;
}

[[nodiscard]] ItemId new_item_id(Timestamp now);

}  // namespace sip2mail
