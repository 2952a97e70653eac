// gateway/sip/sofia.hpp -- the only door to sofia-sip's headers: it names our types as the library's contexts first.
//
// Included by .cpp files of gateway/sip only, before anything else of the library.
#pragma once

namespace sip2mail {
class SipEndpoint;
struct LiveCall;
struct Exchange;
struct Watch;
}  // namespace sip2mail

#define SU_WAKEUP_ARG_T ::sip2mail::Watch
#define NTA_AGENT_MAGIC_T ::sip2mail::SipEndpoint
#define NTA_LEG_MAGIC_T void  // a LiveCall, or our own test caller
#define NTA_INCOMING_MAGIC_T ::sip2mail::LiveCall
#define NTA_OUTGOING_MAGIC_T ::sip2mail::Exchange

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/nta.h>
#include <sofia-sip/nta_stateless.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
