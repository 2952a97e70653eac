#include "src/mail/encoded_words.hpp"

#include <glib.h>

#include <algorithm>

#include "src/base/text.hpp"
#include "src/mail/gobject.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kFirst = 30;  // bytes of text: 40 of base64, 12 around them, and a field name of 20
constexpr std::size_t kMost = 45;

// The longest piece of whole characters, if possible of a multiple of 3 bytes: some programs, GMime itself, join the
// base64 of neighbouring words and stop where the first is padded.
std::string_view piece(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::string_view longest = truncate_utf8(text, most);
  for (std::string_view some = longest; !some.empty(); some = truncate_utf8(text, some.size() - 1)) {
    if (some.size() % 3 == 0) return some;
  }
  return longest.empty() ? text.substr(0, most) : longest;  // no UTF-8 at all must still come to an end
}

}  // namespace

bool needs_encoded_words(std::string_view utf8) {
  return utf8.find("=?") != std::string_view::npos ||
         std::any_of(utf8.begin(), utf8.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool has_long_word(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    length = c == ' ' ? 0 : length + 1;
    if (length > 50) return true;
  }
  return false;
}

std::string encoded_words(std::string_view utf8) {
  std::string out;
  for (std::size_t most = kFirst; !utf8.empty(); most = kMost) {
    const std::string_view some = piece(utf8, most);
    const GMemory<char> base64{g_base64_encode(reinterpret_cast<const guchar*>(some.data()), some.size())};
    out += (out.empty() ? "=?utf-8?B?" : "\n =?utf-8?B?") + std::string{base64.get()} + "?=";
    utf8.remove_prefix(some.size());
  }
  return out;
}

}  // namespace sip2mail
