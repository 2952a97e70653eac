// gateway/sip/live_call.hpp -- one call as main holds it: its machine, its dialog, and what was agreed.
//
// Owned by Calls, SIP thread; the library's callbacks get a pointer to it, so it never moves. It outlives its dialog
// until its item is settled.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "gateway/config/settings.hpp"
#include "gateway/media/media_messages.hpp"
#include "gateway/media/port_pool.hpp"
#include "gateway/queue/store.hpp"
#include "gateway/sip/handles.hpp"
#include "src/call/call.hpp"
#include "src/media/sdp_answer.hpp"
#include "src/routing/mailbox.hpp"

namespace sip2mail {

class Calls;

struct LiveCall {
  LiveCall(Calls& owner, CallId number, std::shared_ptr<const Settings> begun_with, call::Limits limits)
      : calls{owner}, id{number}, settings{std::move(begun_with)}, machine{limits}, max_length{limits.max_length} {}

  Calls& calls;
  CallId id;
  const std::shared_ptr<const Settings> settings;
  call::Call machine;
  const Delay max_length;
  const Mailbox* mailbox = nullptr;  // in `settings`
  Envelope envelope;
  Endpoint peer;  // where the INVITE came from
  std::string contact;

  IncomingHandle invite;    // until its ACK
  IncomingHandle reinvite;  // a re-INVITE that waits for its ACK
  LegHandle leg;

  SdpTerms terms;
  bool we_offered = false;  // the INVITE came without an offer: its answer comes in the ACK
  std::string sdp;          // of our 200
  SessionPlan plan;
  std::optional<PortPair> ports;  // until they move to media
  std::optional<Opened> opened;   // until its file moves to media

  std::optional<call::Action> unsettled;  // Keep, Miss or Forget that the writer has not taken yet
  bool settled = false;
  bool counted = false;  // among the live ones
};

}  // namespace sip2mail
