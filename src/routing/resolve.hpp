// src/routing/resolve.hpp -- a request and the mailboxes become one mailbox and its addresses, and why in words.
//
// Pure. Nothing found is 404 to the caller. What the caller dialled gets into an address only through the catch-all's
// {mailbox}, and only when it is a harmless local part.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "src/routing/candidates.hpp"
#include "src/routing/mailbox.hpp"
#include "src/routing/request.hpp"

namespace sip2mail {

struct Resolution {
  std::string mailbox;  // id, or the user that the catch-all took
  std::vector<std::string> addresses;
  std::string reason;  // why the called one was left: "busy", "no-answer", …; empty: unknown
  std::string rule;    // "request-uri 2001 is [mailbox.2001] (sip2mail.conf:7)"
  const Mailbox* source = nullptr;
};

// The first candidate that names a configured mailbox wins; else the catch-all takes the first called one.
[[nodiscard]] std::optional<Resolution> resolve(const Request& request, const std::vector<Mailbox>& mailboxes,
                                                const std::vector<MailboxSource>& sources);

// [A-Za-z0-9+][A-Za-z0-9._+-]{0,63}
[[nodiscard]] bool is_mailbox_user(std::string_view user);

}  // namespace sip2mail
