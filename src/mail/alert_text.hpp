// src/mail/alert_text.hpp -- a notice in words: its first line becomes the subject, the whole the text of the mail.
//
// Pure.
#pragma once

#include <string>

#include "src/delivery/alerts.hpp"
#include "src/mail/wording.hpp"
#include "src/mail/zone.hpp"

namespace sip2mail {

// `now` is when the notice was given; `directory` is queue.directory. Lines end in LF.
[[nodiscard]] std::string alert_text(const Notice& notice, const std::string& directory, const Zone& zone,
                                     Timestamp now, const Wording& words);

}  // namespace sip2mail
