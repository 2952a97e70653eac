// gateway/sip/dialog_callbacks.hpp -- the library's callbacks of a call: the edge that no exception passes.
//
// SIP thread. They are what NTA calls for requests inside the dialog, and for what becomes of the INVITE we answered.
#pragma once

#include "gateway/sip/live_call.hpp"

namespace sip2mail {

struct DialogCallbacks {
  // A request inside the dialog: the status to answer with, 0 when it is answered already.
  static int request(void* live_call, nta_leg_t* leg, nta_incoming_t* incoming, const sip_t* sip) noexcept;
  // ACK or CANCEL of the INVITE, or none in time (sip is null).
  static int outcome(LiveCall* call, nta_incoming_t* incoming, const sip_t* sip) noexcept;
  // The same of a re-INVITE.
  static int reinvite_outcome(LiveCall* call, nta_incoming_t* incoming, const sip_t* sip) noexcept;
};

}  // namespace sip2mail
