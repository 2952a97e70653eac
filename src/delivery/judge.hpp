// src/delivery/judge.hpp -- what a relay's reply means for the recipient, its content, and the relay itself.
//
// Pure: one Reply in, one Verdict out. The rows are asked in order, the first that fits decides: size, the relay's
// connection, its configuration, its patience, then the recipient's and the content's own. What no row knows costs an
// item nothing before RCPT, and from RCPT on is the recipient's or the content's.
#pragma once

#include <string_view>

#include "src/delivery/reply.hpp"

namespace sip2mail {

enum class Verdict {
  delivered,
  relay,                // the relay is not to be had: keep all, probe by relay.probe
  relay_configuration,  // it would refuse everybody's mail: keep all, tell, probe every 15 minutes
  throttle,             // it wants fewer: keep all, halve the rate
  defer,                // this recipient, later
  fail,                 // this recipient or this content, never
  smaller,              // the mail is too large: the next smaller form of it
  unknown,              // perhaps delivered: again later, under the same Message-ID
  reconnect,            // the connection had grown old: again at once on a new one
  crowded,              // it takes fewer connections than we opened: keep all, open fewer
};

// How a reply is to be read when it would speak for all mail: as that, or, once another mail has passed since the same
// item was refused, as this item's own.
enum class Speaks { for_all, for_this_item };

[[nodiscard]] Verdict judge(const Reply& reply, Speaks speaks = Speaks::for_all);
[[nodiscard]] std::string_view to_text(Verdict verdict);

}  // namespace sip2mail
