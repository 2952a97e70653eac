// src/text/message.hpp -- the body of a SIP MESSAGE (RFC 3428) -> what is stored of it, or why it is not taken.
//
// Pure, any thread. What is refused is refused before anything is stored; nothing that was taken is shortened.
// message/cpim and multipart/* are not unwrapped yet: 415.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "src/item.hpp"

namespace sip2mail {

struct MessageBody {
  std::string_view content_type;      // header value with parameters; empty: text/plain
  std::string_view content_encoding;  // header value; empty or "identity"
  std::string_view body;
};

struct TextMessage {
  std::vector<Part> parts;  // at least one; the text itself has no name and may be empty
};
// Nothing for a mailbox ("is typing", RFC 3994): answered 200, not mailed.
struct NotMail {};
struct TextRefused {
  int status = 415;
  std::string why;
};
using TextResult = std::variant<TextMessage, NotMail, TextRefused>;

[[nodiscard]] TextResult read_text(const MessageBody& message, std::size_t max_size);

// For the Accept header of a 415 (RFC 3261, 21.4.13).
constexpr std::string_view kAcceptedTexts = "text/plain, text/html, text/*";

}  // namespace sip2mail
