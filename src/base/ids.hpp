// src/base/ids.hpp -- the names of things: an item (ULID), a recipient of it, a call.
//
// Values without behaviour; an ItemId always holds 26 valid characters of Crockford's base 32, upper case, so it may
// stand in a file name, a header or a log line as it is.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "src/base/time.hpp"

namespace sip2mail {

class ItemId {
 public:
  ItemId() { text_.fill('0'); }
  // 48 bits of time, 80 random bits handed in by the caller (ULID specification).
  [[nodiscard]] static ItemId make(Timestamp time, std::span<const std::uint8_t, 10> random);
  // 26 characters of base 32, either case, first one 0-7; anything else is nullopt.
  [[nodiscard]] static std::optional<ItemId> parse(std::string_view text);

  [[nodiscard]] std::string_view view() const { return {text_.data(), text_.size()}; }
  [[nodiscard]] std::string text() const { return std::string{view()}; }
  auto operator<=>(const ItemId&) const = default;

 private:
  std::array<char, 26> text_;
};

// The n-th recipient of an item, counted from 1: the N of "Message-ID: <ULID.N@domain>".
struct RecipientId {
  ItemId item;
  int n = 1;
  auto operator<=>(const RecipientId&) const = default;
};

// A call inside one run of the process: the handle by which main and media speak of it. Never stored.
enum class CallId : std::uint64_t {};

}  // namespace sip2mail

template <>
struct std::hash<sip2mail::ItemId> {
  std::size_t operator()(const sip2mail::ItemId& id) const noexcept { return std::hash<std::string_view>{}(id.view()); }
};
template <>
struct std::hash<sip2mail::RecipientId> {
  std::size_t operator()(const sip2mail::RecipientId& id) const noexcept {
    return std::hash<sip2mail::ItemId>{}(id.item) * 31 + static_cast<std::size_t>(id.n);
  }
};
