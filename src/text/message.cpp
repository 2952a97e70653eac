#include "src/text/message.hpp"

#include <algorithm>
#include <array>

#include "src/base/text.hpp"
#include "src/text/charset.hpp"

namespace sip2mail {
namespace {

struct ContentType {
  std::string type;  // lower case, "text/plain"
  std::string charset;
};

// The next parameter of `rest`, up to a ';' that stands outside quotes.
std::string_view take_parameter(std::string_view& rest) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < rest.size(); ++end) {
    if (quoted && rest[end] == '\\') {
      ++end;
    } else if (rest[end] == '"') {
      quoted = !quoted;
    } else if (rest[end] == ';' && !quoted) {
      break;
    }
  }
  const std::string_view parameter = rest.substr(0, std::min(end, rest.size()));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trim(parameter);
}

ContentType parse(std::string_view value) {
  ContentType parsed;
  parsed.type = lower(take_parameter(value));
  while (!value.empty()) {
    const std::string_view parameter = take_parameter(value);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(parameter.substr(0, equals)), "charset"))
      continue;
    std::string_view charset = trim(parameter.substr(equals + 1));
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"') {
      charset = charset.substr(1, charset.size() - 2);
    }
    parsed.charset = charset;
  }
  if (parsed.type.empty()) parsed.type = "text/plain";
  return parsed;
}

// What runs where it is opened has no business in a mail.
bool is_script(std::string_view type) {
  constexpr std::array<std::string_view, 12> kWords{"javascript", "ecmascript",  "jscript", "livescript",
                                                    "vbscript",   "shellscript", "x-sh",    "x-csh",
                                                    "python",     "perl",        "x-php",   "x-tcl"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return type.find(word) != std::string_view::npos; });
}

}  // namespace

TextResult read_text(const MessageBody& message, std::size_t max_size) {
  const std::string_view encoding = trim(message.content_encoding);
  if (!encoding.empty() && !equal_ignoring_case(encoding, "identity")) {
    return TextRefused{415, "content encoding " + printable(encoding, 60) + " is not supported"};
  }
  const ContentType content = parse(message.content_type);
  if (content.type == "application/im-iscomposing+xml") return NotMail{};
  if (message.body.size() > max_size) {
    return TextRefused{413,
                       std::to_string(message.body.size()) + " bytes, message.max-size is " + std::to_string(max_size)};
  }
  if (content.type.rfind("text/", 0) != 0 || is_script(content.type)) {
    return TextRefused{415, "content type " + printable(content.type, 60) + " is not supported"};
  }
  Part part{"text/plain", "", harmless(to_utf8(message.body, content.charset))};
  // Kept as it came, but as a text that no mail program renders: it is a stranger's HTML.
  if (content.type == "text/html") part.name = "message.html.txt";
  return TextMessage{{std::move(part)}};
}

}  // namespace sip2mail
