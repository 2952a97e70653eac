// src/call/call_events.hpp -- what may happen to a call, and what its machine may ask for.
//
// Plain values between the SIP thread (gateway/sip/calls.*), which carries the actions out, and the machine in
// call.hpp.
#pragma once

#include <variant>
#include <vector>

#include "src/base/time.hpp"
#include "src/item.hpp"

namespace sip2mail::call {

// Events.
struct Invited {};  // the INVITE is admitted, resolved and its media agreed
struct Opened {};   // its row is committed
struct OpenRefused {};
struct Acked {};
struct NoAck {};  // 32 s without the ACK of our 200 (RFC 3261 13.3.1.4)
struct PromptDone {};
struct FinishKey {};
struct SilenceHeard {};
struct NoRtp {};
struct NotSaved {};                 // its recording cannot be written any more
struct HungUp {};                   // BYE of the peer
struct Cancelled {                  // CANCEL, before our 200 had gone
  bool answered_elsewhere = false;  // Reason: SIP;cause=200 or Q.850;cause=26: nobody missed anything
};
struct CutOff {};  // the program must stop now: a second SIGTERM
struct Sealed {
  Heard heard;
};
using Event = std::variant<Invited, Opened, OpenRefused, Acked, NoAck, PromptDone, FinishKey, SilenceHeard, NoRtp,
                           NotSaved, HungUp, Cancelled, CutOff, Sealed>;

// Actions, carried out in the order given.
struct OpenItem {};  // commit its row, answered by Opened or OpenRefused
struct Ring {};      // 180
struct Answer {};    // sockets to media, then 200
struct Refuse {};    // 503 + Retry-After
struct Play {};      // greeting, beep, recording
struct Seal {        // answered by Sealed
  bool interrupted = false;
};
struct HangUp {};  // BYE
struct Keep {      // the item is a voicemail
  Heard heard;
};
struct Miss {};    // the item is a missed call
struct Forget {};  // the item is nothing: row and file go
using Action = std::variant<OpenItem, Ring, Answer, Refuse, Play, Seal, HangUp, Keep, Miss, Forget>;
using Actions = std::vector<Action>;

// What configuration says of a call.
struct Limits {
  Delay answer_delay{0};
  Delay max_length{0};
  Delay min_length{0};
  bool notify_missed = true;
};

}  // namespace sip2mail::call
