// src/mail/template.hpp -- how a letter looks: as plain text, and as HTML for every mail program.
//
// Pure. The HTML carries no script, no image and nothing from elsewhere; all that comes from the letter is escaped.
#pragma once

#include <string>
#include <string_view>

#include "src/mail/letter.hpp"

namespace sip2mail {

[[nodiscard]] std::string as_plain(const Letter& letter, const Wording& words);
[[nodiscard]] std::string as_html(const Letter& letter);

// & < > " ' as entities.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace sip2mail
