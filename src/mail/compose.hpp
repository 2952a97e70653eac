// src/mail/compose.hpp -- an item and its content become one MIME mail for one recipient (contract, section 4).
//
// Pure: zone, names and time are handed in; GMime does all encoding. Alone in knowing how a mail is built.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/item.hpp"
#include "src/mail/zone.hpp"

namespace sip2mail {

struct Audio {
  std::string type;       // "audio/mpeg", "audio/wav"
  std::string extension;  // "mp3", "wav"
  std::shared_ptr<const std::string> bytes;
  Delay duration{0};  // of these bytes
};

struct Look {
  std::string from;       // address in From
  std::string from_name;  // "{caller}" or fixed text
  std::string mailbox_name;
  Zone zone;
  std::string language = "en";  // of wording.hpp
};

struct MailContent {
  std::vector<Part> parts;
  std::optional<Audio> audio;
};

// The whole mail, CRLF line ends.
[[nodiscard]] std::string compose(const Item& item, const Recipient& recipient, const MailContent& content,
                                  const Look& look);

}  // namespace sip2mail
