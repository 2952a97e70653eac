// gateway/sip/envelope.hpp -- a request and its mailbox become the Envelope of a new item.
//
// SIP thread; every text in it is made printable and bounded here.
#pragma once

#include "gateway/config/settings.hpp"
#include "src/item.hpp"
#include "src/routing/request.hpp"
#include "src/routing/resolve.hpp"

namespace sip2mail {

[[nodiscard]] Envelope make_envelope(Kind kind, const Request& request, const Resolution& resolution,
                                     const Settings& settings, Timestamp now);

}  // namespace sip2mail
