#include "gateway/sip/gatekeeper.hpp"

#include "gateway/base/clock.hpp"
#include "gateway/sip/library_guard.hpp"
#include "gateway/sip/request_reader.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

const char* event_name(const sip_t& sip) {
  if (sip.sip_request->rq_method == sip_method_invite) return "call.refused";
  if (sip.sip_request->rq_method == sip_method_message) return "message.refused";
  return "request.refused";
}

Trust trust_of(const Settings& settings) {
  return effective_trust(settings.sip.trusted, settings.sip.trusted_is_set, settings.mailboxes,
                         settings.sip.container_gateways);
}

// The extensions that its sender insists on (RFC 3261 8.2.2.3).
std::string required_by(const sip_t& sip) {
  std::string tags;
  for (const sip_require_t* require = sip.sip_require; require != nullptr; require = require->k_next) {
    for (const msg_param_t* tag = require->k_items; tag != nullptr && *tag != nullptr; ++tag)
      tags += (tags.empty() ? "" : ", ") + printable(*tag, 100);
  }
  return std::string{truncate_utf8(tags, 500)};
}

// Without its call it is a mistake, also where the sender forgot the tag (RFC 3261 15.1.2, 9.2, 12.2.2).
bool lives_in_a_call(sip_method_t method) {
  return method == sip_method_bye || method == sip_method_cancel || method == sip_method_update ||
         method == sip_method_prack || method == sip_method_info;
}

}  // namespace

Gatekeeper::Gatekeeper(std::shared_ptr<const Settings> settings, const Health& health, Log& log, Doors doors)
    : settings_{std::move(settings)},
      health_{health},
      log_{log},
      doors_{std::move(doors)},
      trust_{trust_of(*settings_)},
      rate_{settings_->sip.max_rate} {}

void Gatekeeper::adopt(std::shared_ptr<const Settings> settings) {
  if (settings->sip.max_rate != settings_->sip.max_rate) rate_ = RateLimit{settings->sip.max_rate};
  trust_ = trust_of(*settings);
  settings_ = std::move(settings);
}

void Gatekeeper::receive(Arrival&& arrival) {
  const sip_t& sip = *arrival.sip;
  const sip_method_t method = sip.sip_request->rq_method;
  if (method == sip_method_ack) return;
  if (!trusts(arrival.source.address)) return refuse_stranger(std::move(arrival));
  if (library_guard::is_foreign_version(sip.sip_request->rq_version))
    return refuse(std::move(arrival), {.status = 505, .phrase = "Version Not Supported"});
  if (lives_in_a_call(method) || (sip.sip_to != nullptr && sip.sip_to->a_tag != nullptr))
    return reply(std::move(arrival), {.status = 481, .phrase = "Call/Transaction Does Not Exist"});
  if (method == sip_method_options) {
    const auto reasons = health_.reasons();
    return reply(std::move(arrival), reasons.empty() ? Sentence{.status = 200, .phrase = "OK", .allow = true}
                                                     : unavailable(10, reasons.front()));
  }
  if (!rate_.admit(arrival.source.address, now()))
    return refuse(std::move(arrival), unavailable(1, "more than sip.max-rate requests a second"));
  switch (method) {
    case sip_method_invite:
      return admit(std::move(arrival), doors_.call);
    case sip_method_message:
      return admit(std::move(arrival), doors_.text);
    case sip_method_unknown:
      return refuse(std::move(arrival), {.status = 501, .phrase = "Not Implemented", .allow = true});
    default:
      return refuse(std::move(arrival), {.status = 405, .phrase = "Method Not Allowed", .allow = true});
  }
}

void Gatekeeper::admit(Arrival&& arrival, const Admit& door) {
  const bool is_text = arrival.sip->sip_request->rq_method == sip_method_message;
  // A text needs the database only.
  const auto reasons = health_.reasons(is_text ? std::optional{Health::recorder_behind} : std::nullopt);
  if (!reasons.empty()) return refuse(std::move(arrival), unavailable(10, reasons.front()));
  const Request request = read_request(*arrival.sip, arrival.source);
  if (const std::string& scheme = request.request_uri.scheme; !equal_ignoring_case(scheme, "sip") &&
                                                              !equal_ignoring_case(scheme, "sips") &&
                                                              !equal_ignoring_case(scheme, "tel"))
    return refuse(std::move(arrival), {.status = 416, .phrase = "Unsupported URI Scheme"});
  // Of a call its transaction says so, which knows what we can.
  if (const std::string unknown = is_text ? required_by(*arrival.sip) : ""; !unknown.empty()) {
    const std::string header = "Unsupported: " + unknown;
    return refuse(std::move(arrival), {.status = 420, .phrase = "Bad Extension", .header = header.c_str()});
  }
  const auto resolution = resolve(request, settings_->mailboxes, settings_->sip.mailbox_sources);
  if (!resolution)
    return refuse(
        std::move(arrival),
        {.status = 404, .phrase = "Not Found", .warning = "no mailbox for " + plain_user(request.request_uri.user)});
  door(std::move(arrival), request, *resolution);
}

void Gatekeeper::refuse_stranger(Arrival&& arrival) {
  if (stranger_lines_.admit(Address{}, now())) {
    const std::string peer = arrival.source.address.text();
    const bool hidden = trust_.excepts(arrival.source.address);
    log_.warning(event_name(*arrival.sip),
                 {{"peer", arrival.source.text()},
                  {"status", "403"},
                  {"reason", hidden ? "the default gateway of this container is not trusted while sip.trusted is not "
                                      "set: NAT makes every stranger look like it"
                                    : "the peer is not in sip.trusted"},
                  {"remedy", hidden ? "sip.trusted = the address of the PBX; " + peer +
                                          " only when nobody else can reach the published port"
                                    : "sip.trusted = " + peer}});
  }
  reply(std::move(arrival), {.status = 403, .phrase = "Forbidden"});
}

void Gatekeeper::refuse(Arrival&& arrival, const Sentence& sentence) {
  const sip_call_id_t* call = arrival.sip->sip_call_id;
  log_.warning(event_name(*arrival.sip), {{"peer", arrival.source.text()},
                                          {"call", call == nullptr || call->i_id == nullptr ? "" : call->i_id},
                                          {"status", std::to_string(sentence.status)},
                                          {"reason", sentence.warning.empty() ? sentence.phrase : sentence.warning}});
  reply(std::move(arrival), sentence);
}

}  // namespace sip2mail
