#include "src/mail/display.hpp"

#include <algorithm>
#include <initializer_list>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_ascii(char c) {
  return static_cast<std::uint8_t>(c) < 0x80;
}
bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool begins_character(char c) {
  return (static_cast<std::uint8_t>(c) & 0xC0) != 0x80;
}

// Where the n-th character (from 0) begins, or the end.
std::size_t offset_of(std::string_view text, std::size_t n) {
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (begins_character(text[i]) && n-- == 0) break;
  }
  return i;
}

std::string two_digits(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

}  // namespace

ShownCaller caller_of(const Envelope& envelope) {
  ShownCaller caller;
  caller.number = one_line(envelope.caller, 64);
  caller.name = one_line(envelope.caller_name, 64);
  if (caller.number == "anonymous") {
    const Hidden why = caller.name == kPayphone      ? Hidden::payphone
                       : caller.name == kUnavailable ? Hidden::unavailable
                                                     : Hidden::withheld;
    return {"", "", why};
  }
  if (caller.name == caller.number) caller.name.clear();
  return caller;
}

std::string one_line(std::string_view text, std::size_t most_characters) {
  std::string line = printable(text, 4 * most_characters + 4);
  if (offset_of(line, most_characters) == line.size()) return line;
  line.resize(offset_of(line, most_characters - 1));
  return std::string{trim(line)} + "…";
}

std::string display_name(std::string_view text) {
  std::string name{text};
  for (char& c : name) {
    if (c == '@' || c == '<' || c == '>') c = ' ';
  }
  return one_line(name, 64);
}

std::optional<std::string> tel_uri(std::string_view number) {
  std::string digits;
  for (const char c : number) {
    if (is_digit(c) || (c == '+' && digits.empty())) {
      digits += c;
    } else if (std::string_view{"-. ()/"}.find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  const auto count = std::count_if(digits.begin(), digits.end(), is_digit);
  if (count < 2 || count > 20) return std::nullopt;
  return "tel:" + digits;
}

std::string japanese_number(const std::string& number) {
  std::string digits = number.starts_with("+81") ? "0" + number.substr(3) : number;
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return number;
  const auto starts = [&](std::initializer_list<std::string_view> beginnings) {
    return std::any_of(beginnings.begin(), beginnings.end(), [&](auto some) { return digits.starts_with(some); });
  };
  const auto cut = [&](std::size_t first, std::size_t second) {
    return digits.substr(0, first) + "-" + digits.substr(first, second) + "-" + digits.substr(first + second);
  };
  if (digits.size() == 10 && starts({"03", "06"})) return cut(2, 4);
  if (digits.size() == 10 && starts({"0120", "0570"})) return cut(4, 3);
  if (digits.size() == 11 && starts({"0800"})) return cut(4, 3);
  if (digits.size() == 11 && starts({"020", "050", "060", "070", "080", "090"})) return cut(3, 4);
  return number;
}

std::int64_t seconds_rounded_up(Delay duration) {
  return std::chrono::ceil<std::chrono::seconds>(std::max(duration, Delay{0})).count();
}

std::string minutes_seconds(Delay duration) {
  const std::int64_t seconds = seconds_rounded_up(duration);
  const std::int64_t minutes = seconds / 60;
  if (minutes < 60) return std::to_string(minutes) + ":" + two_digits(seconds % 60);
  return std::to_string(minutes / 60) + ":" + two_digits(minutes % 60) + ":" + two_digits(seconds % 60);
}

std::string zone_name(const Zone& zone, Timestamp time) {
  const std::string name = zone.format(time, "%Z");
  // Zones without a name of their own are called "-03" in the tz database.
  return !name.empty() && is_ascii_letter(name[0]) ? name : "UTC" + zone.format(time, "%:z");
}

std::string file_component(std::string_view text) {
  std::string name = printable(text, 400);
  for (char& c : name) {
    if (is_ascii(c) && !is_digit(c) && !is_ascii_letter(c) &&
        std::string_view{"+._-"}.find(c) == std::string_view::npos)
      c = '_';
  }
  name.resize(offset_of(name, 40));
  name.resize(truncate_utf8(name, 100).size());  // escaped it must fit a line
  return name.empty() ? "_" : name;
}

}  // namespace sip2mail
