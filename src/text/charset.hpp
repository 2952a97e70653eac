// src/text/charset.hpp -- the body of a text in whatever charset its sender named, as harmless UTF-8.
//
// Pure, any thread; never fails: what cannot be read as it says is read as UTF-8, invalid bytes becoming U+FFFD.
// Without a charset that is known, what cannot be UTF-8 is read as Windows-1252.
#pragma once

#include <string>
#include <string_view>

namespace sip2mail {

// `charset` as in Content-Type, either case; empty: UTF-8 (RFC 3428 section 9 asks for it).
[[nodiscard]] std::string to_utf8(std::string_view body, std::string_view charset);

// Line ends become LF; controls other than tab and LF become U+FFFD, so that nothing vanishes unseen; NULs and line
// ends that only trail are dropped. Direction marks and joiners stay: scripts and emoji need them.
[[nodiscard]] std::string harmless(std::string_view utf8);

}  // namespace sip2mail
