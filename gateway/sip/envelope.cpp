#include "gateway/sip/envelope.hpp"

#include "gateway/base/random.hpp"
#include "src/base/text.hpp"
#include "src/routing/caller.hpp"

namespace sip2mail {

Envelope make_envelope(Kind kind, const Request& request, const Resolution& resolution, const Settings& settings,
                       Timestamp now) {
  Caller caller = find_caller(request);
  Envelope envelope;
  envelope.id = new_item_id(now);
  envelope.kind = kind;
  envelope.mailbox = resolution.mailbox;
  envelope.caller = std::move(caller.number);
  envelope.caller_name = std::move(caller.name);
  envelope.callee = printable(first_called(request), 128);
  // An R-URI may name nobody; then it is who was found.
  if (envelope.callee.empty()) envelope.callee = resolution.mailbox.substr(0, resolution.mailbox.find('@'));
  envelope.call_id = printable(request.call_id, 256);
  envelope.reason = resolution.reason;
  envelope.flags.unverified = kind == Kind::text && !caller.asserted;
  envelope.received = now;
  envelope.sender_domain = settings.mail.from.substr(settings.mail.from.find('@') + 1);
  envelope.recipients = resolution.addresses;
  return envelope;
}

}  // namespace sip2mail
