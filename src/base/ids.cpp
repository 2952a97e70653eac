#include "src/base/ids.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

}  // namespace

ItemId ItemId::make(Timestamp time, std::span<const std::uint8_t, 10> random) {
  ItemId id;
  auto milliseconds = static_cast<std::uint64_t>(to_milliseconds(time));
  for (std::size_t i = 10; i-- > 0; milliseconds >>= 5) id.text_[i] = kDigits[milliseconds & 31];
  std::uint64_t bits = 0;
  unsigned held = 0;
  std::size_t out = 10;
  for (const std::uint8_t byte : random) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 5; held -= 5) id.text_[out++] = kDigits[bits >> (held - 5) & 31];
  }
  return id;
}

std::optional<ItemId> ItemId::parse(std::string_view text) {
  ItemId id;
  if (text.size() != id.text_.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char upper = text[i] >= 'a' && text[i] <= 'z' ? static_cast<char>(text[i] - 'a' + 'A') : text[i];
    if (kDigits.find(upper) == std::string_view::npos) return std::nullopt;
    id.text_[i] = upper;
  }
  if (id.text_[0] > '7') return std::nullopt;
  return id;
}

}  // namespace sip2mail
