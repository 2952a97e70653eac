// What happens inside the dialog of a call: its ACK, BYE, re-INVITE, UPDATE.
#include "gateway/base/clock.hpp"
#include "gateway/sip/calls.hpp"
#include "gateway/sip/dialog_callbacks.hpp"
#include "gateway/sip/request_reader.hpp"
#include "src/media/telephone_event.hpp"

namespace sip2mail {
namespace {

template <class Work>
int guarded(LiveCall& call, Log& log, int otherwise, Work work) noexcept {
  try {
    return work();
  } catch (const std::exception& error) {
    log.error("sip.error", {{"call", call.envelope.call_id}, {"reason", error.what()}});
  } catch (...) {
    log.error("sip.error", {{"call", call.envelope.call_id}, {"reason", "unknown"}});
  }
  return otherwise;
}

Endpoint source_of_request(nta_incoming_t* incoming) {
  const MessageHandle message{nta_incoming_getrequest(incoming)};
  return message ? source_of(message.get()) : Endpoint{};
}

}  // namespace

void Calls::agree(LiveCall& call, const Answer& answer) {
  SessionPlan& plan = call.plan;
  plan.codec = answer.codec;
  plan.payload_type = answer.payload_type;
  plan.event_payload_type = answer.event_payload_type;
  plan.remote = answer.remote;
  plan.receives = answer.receives;
  plan.signalling_peer = call.peer.address;
  plan.send_at_once =
      answer.remote.address == call.peer.address || contains(call.settings->media.networks, answer.remote.address);
  plan.silence = call.settings->call.silence;
  plan.timeout = call.settings->media.timeout;
  plan.finish_keys = call.settings->call.finish_keys;
}

void Calls::on_ack(LiveCall& call, const sip_t& ack) {
  if (call.we_offered) {
    const auto answer = read_sdp(body_of(ack));
    const auto agreed = answer ? accept_answer(*answer, call.terms) : tl::unexpected{answer.error()};
    if (!agreed) {
      log_.warning("call.refused",
                   {{"call", call.envelope.call_id}, {"peer", call.peer.text()}, {"reason", agreed.error()}});
      return feed(call, call::NoAck{});
    }
    agree(call, *agreed);
    rooms_.media(MoveSession{call.id, call.plan});
  }
  feed(call, call::Acked{});
}

int Calls::on_dialog(LiveCall& call, nta_incoming_t* incoming, const sip_t& sip) {
  if (!rooms_.trusts(source_of_request(incoming).address)) return 403;
  switch (sip.sip_request->rq_method) {
    case sip_method_bye:
      if (call.invite && nta_incoming_status(call.invite.get()) < 200) {  // of the early dialog (RFC 3261 15.1.2)
        nta_incoming_treply(call.invite.get(), SIP_487_REQUEST_CANCELLED, TAG_END());
        call.invite.reset();
        feed(call, call::Cancelled{was_answered_elsewhere(sip)});
        return 200;
      }
      feed(call, call::HungUp{});
      return 200;
    case sip_method_invite:
    case sip_method_update:
      return on_new_description(call, incoming, sip);
    case sip_method_info:
      if (sip.sip_content_type != nullptr) {
        const char* type = sip.sip_content_type->c_type;
        if (const auto key = key_of_info(type == nullptr ? "" : type, body_of(sip)))
          rooms_.media(PressKey{call.id, *key});
      }
      return 200;
    case sip_method_options:
      return 200;
    default:
      nta_incoming_treply(incoming, SIP_405_METHOD_NOT_ALLOWED, SIPTAG_ALLOW_STR(kAllow), TAG_END());
      nta_incoming_destroy(incoming);
      return 0;
  }
}

// re-INVITE and UPDATE (RFC 3261 14.2, RFC 3311 5.2): hold, moved media, another codec.
int Calls::on_new_description(LiveCall& call, nta_incoming_t* incoming, const sip_t& sip) {
  const bool is_invite = sip.sip_request->rq_method == sip_method_invite;
  const auto refuse = [&](int status, const char* phrase, const char* retry_after) {
    nta_incoming_treply(incoming, status, phrase, TAG_IF(retry_after != nullptr, SIPTAG_RETRY_AFTER_STR(retry_after)),
                        TAG_END());
    nta_incoming_destroy(incoming);
    return 0;
  };
  const std::string body = body_of(sip);
  // Our initial answer, or the ACK of a re-INVITE, is still on its way.
  const bool crosses_our_offer = call.reinvite && call.we_offered && !body.empty();  // RFC 3311 5.2
  if (call.invite || (is_invite && call.reinvite) || crosses_our_offer) {
    if (call.we_offered) return refuse(SIP_491_REQUEST_PENDING, nullptr);
    return refuse(SIP_500_INTERNAL_SERVER_ERROR, "1");
  }
  std::string sdp;
  if (!body.empty()) {
    const auto offer = read_sdp(body);
    ++call.terms.version;
    const auto agreed = offer ? answer_offer(*offer, call.terms) : tl::unexpected{offer.error()};
    if (!agreed) {
      --call.terms.version;
      return refuse(SIP_488_NOT_ACCEPTABLE, nullptr);  // the call goes on as it was (RFC 3261 14.2)
    }
    // The recording's sample rate is fixed, and with it the codecs of one clock.
    agree(call, *agreed);
    rooms_.media(MoveSession{call.id, call.plan});
    sdp = agreed->text;
  } else if (is_invite) {
    ++call.terms.version;
    sdp = our_offer(call.terms);
    call.we_offered = true;
  }
  nta_incoming_treply(incoming, SIP_200_OK, SIPTAG_CONTACT_STR(call.contact.c_str()), SIPTAG_ALLOW_STR(kAllow),
                      TAG_IF(!sdp.empty(), SIPTAG_CONTENT_TYPE_STR("application/sdp")),
                      TAG_IF(!sdp.empty(), SIPTAG_PAYLOAD_STR(sdp.c_str())), TAG_END());
  if (!is_invite) {
    nta_incoming_destroy(incoming);
    return 0;
  }
  call.we_offered = body.empty();
  nta_incoming_bind(incoming, &DialogCallbacks::reinvite_outcome, &call);
  call.reinvite.reset(incoming);
  return 0;
}

int DialogCallbacks::request(void* live_call, nta_leg_t*, nta_incoming_t* incoming, const sip_t* sip) noexcept {
  auto* call = static_cast<LiveCall*>(live_call);
  return guarded(*call, call->calls.log_, 500, [&] { return call->calls.on_dialog(*call, incoming, *sip); });
}

int DialogCallbacks::outcome(LiveCall* call, nta_incoming_t* incoming, const sip_t* sip) noexcept {
  return guarded(*call, call->calls.log_, 0, [&] {
    Calls& calls = call->calls;
    if (sip != nullptr && sip->sip_request->rq_method == sip_method_cancel) {
      const bool elsewhere = was_answered_elsewhere(*sip);
      nta_incoming_treply(incoming, SIP_487_REQUEST_CANCELLED, TAG_END());
      call->invite.reset();
      calls.feed(*call, call::Cancelled{elsewhere});
      return 0;
    }
    const bool answered = nta_incoming_status(incoming) >= 200 && nta_incoming_status(incoming) < 300;
    if (sip != nullptr && sip->sip_request->rq_method == sip_method_ack) {
      calls.on_ack(*call, *sip);
      call->invite.reset();
      return 0;
    }
    call->invite.reset();
    if (answered) {
      calls.feed(*call, call::NoAck{});
    } else {
      calls.feed(*call, call::Cancelled{});  // a 180 that could not be sent, or its PRACK never came
    }
    return 0;
  });
}

int DialogCallbacks::reinvite_outcome(LiveCall* call, nta_incoming_t*, const sip_t* sip) noexcept {
  return guarded(*call, call->calls.log_, 0, [&] {
    Calls& calls = call->calls;
    if (sip != nullptr && sip->sip_request->rq_method == sip_method_ack && call->we_offered) {
      const auto answer = read_sdp(body_of(*sip));
      const auto agreed = answer ? accept_answer(*answer, call->terms) : tl::unexpected{answer.error()};
      if (agreed) {
        calls.agree(*call, *agreed);
        calls.rooms_.media(MoveSession{call->id, call->plan});
      }
      call->we_offered = false;
    }
    call->reinvite.reset();
    return 0;
  });
}

}  // namespace sip2mail
