// src/base/text.hpp -- text from the network made harmless: valid UTF-8, printable, bounded. Small string tools.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sip2mail {

// Every invalid byte (RFC 3629) becomes U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);
[[nodiscard]] bool is_utf8(std::string_view text);

// At most so many bytes, never cutting a character in two.
[[nodiscard]] std::string_view truncate_utf8(std::string_view text, std::size_t most_bytes);

// One line that may stand in a log, a table or a display name: valid UTF-8; C0 and C1 controls, DEL, line and
// paragraph separators, bidi and zero-width format characters removed (white space becomes one space); at most so
// many bytes; no space at either end.
[[nodiscard]] std::string printable(std::string_view text, std::size_t most_bytes = 1000);

[[nodiscard]] std::string lower(std::string_view ascii);
[[nodiscard]] std::string_view trim(std::string_view text);  // spaces, tabs, CR, LF
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
[[nodiscard]] std::vector<std::string> split_list(std::string_view text, char separator = ',');  // trimmed, no empty

// %-decoding of a URI part (RFC 3986 2.1), once; nullopt when a % is not followed by two hex digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

}  // namespace sip2mail
