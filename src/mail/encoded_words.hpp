// src/mail/encoded_words.hpp -- text in a header that is not plain ASCII (RFC 2047).
//
// GMime measures words in characters, so that a Japanese one of twenty exceeds the 75 bytes of RFC 2047 section 2, and
// lets pass what looks like an encoded word already, so that a caller could smuggle in what was cleaned away.
#pragma once

#include <string>
#include <string_view>

namespace sip2mail {

// Not plain ASCII, or with "=?" in it.
[[nodiscard]] bool needs_encoded_words(std::string_view utf8);

// A word that leaves no place to fold a line.
[[nodiscard]] bool has_long_word(std::string_view text);

// "=?utf-8?B?…?=", each at most 72 bytes and of whole characters, folded with LF SP; the first leaves room for the name
// of the field.
[[nodiscard]] std::string encoded_words(std::string_view utf8);

}  // namespace sip2mail
