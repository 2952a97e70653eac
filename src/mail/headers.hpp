// src/mail/headers.hpp -- the header fields of a mail (contract, section 4), set on GMime's message.
//
// Pure; GMime folds and quotes. Values are made one harmless line first: a caller's name that holds CR LF stays a name.
#pragma once

#include <gmime/gmime.h>

#include <string>

#include "src/mail/letter.hpp"

namespace sip2mail {

void set_headers(GMimeMessage* message, const Item& item, const Recipient& recipient, const Look& look,
                 const Letter& letter, const Wording& words);
// Only for a mail that carries a recording.
void set_attached_duration(GMimeMessage* message, Delay attached);

// "01KJKCTMT0T7W5X9Y2B6C1D0EF.1@example.com": the same for all tries of this mail.
[[nodiscard]] std::string message_id(const Item& item, const Recipient& recipient);

}  // namespace sip2mail
