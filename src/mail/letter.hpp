// src/mail/letter.hpp -- what a mail says, before it is known how it looks: subject, facts, notes, the text itself.
//
// Pure. Every string is valid UTF-8 but not escaped: template.* escapes for HTML, GMime for headers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/mail/compose.hpp"
#include "src/mail/wording.hpp"

namespace sip2mail {

struct Fact {
  std::string label;
  std::string value;
  std::optional<std::string> link;  // only ever made by us: tel:
  bool who = false;                 // name and number of the caller, large in HTML
};

struct Letter {
  Kind kind = Kind::voicemail;
  std::string language;
  std::string subject;
  std::string title;  // "Voicemail, 0:42"
  std::vector<Fact> facts;
  std::vector<std::string> notes;   // lines end in LF
  std::optional<std::string> text;  // a message, a transcript, an alert; lines end in LF
  std::string footer;
};

[[nodiscard]] Letter write_letter(const Item& item, const Recipient& recipient, const MailContent& content,
                                  const Look& look, const Wording& words);

// "Mon, 1 March 2026, 09:30 JST".
[[nodiscard]] std::string moment(const Zone& zone, Timestamp time, const Wording& words);

// "Taro Yamada (03-1234-5678)", "03-1234-5678", "Withheld number".
[[nodiscard]] std::string who(const Envelope& envelope, const Wording& words);

// The Date of the mail (contract, section 4): when the recording began, a text or missed call came; the moment of
// composing when that is over 3 h later.
[[nodiscard]] Timestamp date_of(const Item& item, const Recipient& recipient);

}  // namespace sip2mail
