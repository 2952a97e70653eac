// gateway/delivery/mail_maker.hpp -- an item as the bytes of its mail, made at once: for `queue export` and the API.
//
// Any thread; reads and encodes the recording itself, which may take a second of CPU. Throws what the machine says.
#pragma once

#include <string>

#include "gateway/config/settings.hpp"
#include "gateway/queue/reader.hpp"
#include "src/mail/compose.hpp"

namespace sip2mail {

// How mails of this item look today: its mailbox may be gone from the configuration.
[[nodiscard]] Look make_look(const Settings& settings, const Item& item, const Zone& zone);

// As it would be sent to this recipient.
[[nodiscard]] std::string make_mail(const Settings& settings, const Item& item, const Recipient& recipient,
                                    const StoredContent& content);

}  // namespace sip2mail
