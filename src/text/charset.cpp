#include "src/text/charset.hpp"

#include <glib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// Only these names reach iconv: it loads a module by the name that it is given, and this one came from the network.
constexpr std::array<std::string_view, 37> kKnown{
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",   "iso-8859-8",
    "iso-8859-9",   "iso-8859-10",  "iso-8859-13",  "iso-8859-14",  "iso-8859-15",  "iso-8859-16",  "windows-1250",
    "windows-1251", "windows-1252", "windows-1253", "windows-1254", "windows-1255", "windows-1256", "windows-1257",
    "windows-1258", "koi8-r",       "koi8-u",       "utf-16",       "utf-16be",     "utf-16le",     "shift_jis",
    "iso-2022-jp",  "euc-jp",       "gb2312",       "gbk",          "gb18030",      "big5",         "euc-kr",
    "iso-8859-1",   "windows-31j"};

std::optional<std::string> convert(std::string_view body, const char* charset) {
  gsize written = 0;
  const std::unique_ptr<char, decltype(&g_free)> text{
      g_convert(body.data(), static_cast<gssize>(body.size()), "UTF-8", charset, nullptr, &written, nullptr), g_free};
  if (!text) return std::nullopt;
  return std::string{text.get(), written};
}

// No charset that we know, and nothing in it that UTF-8 would explain: what most such senders mean (WHATWG Encoding,
// 4.2). A text in UTF-8 with a broken byte stays one.
std::string guessed(std::string_view body) {
  std::string text = valid_utf8(body);
  if (is_utf8(body)) return text;
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (static_cast<unsigned char>(text[at]) < 0x80) continue;
    if (text.compare(at, replacement.size(), replacement) != 0) return text;
    at += replacement.size() - 1;
  }
  auto latin = convert(body, "windows-1252");
  return latin ? *std::move(latin) : text;
}

// Senders name a standard and use its vendor's superset (WHATWG Encoding, 4.2): the superset is tried first.
const char* superset(std::string_view charset) {
  if (charset == "iso-8859-1") return "windows-1252";
  if (charset == "shift_jis" || charset == "windows-31j") return "CP932";
  return nullptr;
}

}  // namespace

std::string to_utf8(std::string_view body, std::string_view charset) {
  std::string name = lower(trim(charset));
  if (name == "latin1" || name == "iso8859-1" || name == "iso_8859-1") name = "iso-8859-1";
  if (name == "utf-8" || name == "utf8") return valid_utf8(body);
  if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) return guessed(body);
  std::optional<std::string> text;
  if (const char* wider = superset(name)) text = convert(body, wider);
  if (!text) text = convert(body, name.c_str());
  return text && is_utf8(*text) ? *std::move(text) : valid_utf8(body);
}

std::string harmless(std::string_view utf8) {
  constexpr std::string_view replacement = "\xEF\xBF\xBD";
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (utf8.substr(0, 3) == byte_order_mark) utf8.remove_prefix(3);
  while (!utf8.empty() && (utf8.back() == '\0' || utf8.back() == '\r' || utf8.back() == '\n')) utf8.remove_suffix(1);
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(utf8[i]);
    const auto next = i + 1 < utf8.size() ? static_cast<std::uint8_t>(utf8[i + 1]) : std::uint8_t{0};
    if (byte == '\r') {
      if (next != '\n') out += '\n';
    } else if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) {
      out += replacement;
    } else if (byte == 0xC2 && next >= 0x80 && next <= 0x9F) {  // C1
      out += replacement;
      ++i;
    } else {
      out += utf8[i];
    }
  }
  return out;
}

}  // namespace sip2mail
