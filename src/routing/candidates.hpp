// src/routing/candidates.hpp -- whom a request may mean: the users that its headers name, in the configured order.
//
// Pure. A call that a PBX overflows to us often carries a pilot number in its request URI; the number first called then
// stands in Diversion (RFC 5806), whose topmost entry is the latest diverter and whose last one was called first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/routing/request.hpp"

namespace sip2mail {

// sip.mailbox-source
enum class MailboxSource { request_uri, diversion_original, diversion_last, to };
[[nodiscard]] std::string_view to_text(MailboxSource source);
[[nodiscard]] std::optional<MailboxSource> parse_mailbox_source(std::string_view text);

struct Candidate {
  MailboxSource source = MailboxSource::request_uri;
  std::string user;    // plain, see plain_user()
  std::string host;    // lower case
  std::string reason;  // why this one was left: "busy", "no-answer", …; empty: unknown
};

// In the order in which they are tried; users that cannot be decoded are left out.
[[nodiscard]] std::vector<Candidate> find_candidates(const Request& request, const std::vector<MailboxSource>& sources);

// The number first called: the original diverter, else the user of the request URI.
[[nodiscard]] std::string first_called(const Request& request);

// Diversion's reason (RFC 5806 section 9), in any case and quoting, in the words of X-Sip2mail-Reason.
[[nodiscard]] std::string diversion_reason(std::string_view reason);

}  // namespace sip2mail
