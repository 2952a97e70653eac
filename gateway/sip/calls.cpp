#include "gateway/sip/calls.hpp"

#include <algorithm>
#include <system_error>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/sockets.hpp"
#include "gateway/sip/dialog_callbacks.hpp"
#include "gateway/sip/envelope.hpp"
#include "src/base/text.hpp"
#include "src/routing/announced.hpp"

namespace sip2mail {
namespace {

constexpr Delay kAgain = 1s;

call::Limits limits_of(const CallSettings& call, const Mailbox* mailbox) {
  call::Limits limits{call.answer_delay, call.max_length, call.min_length, call.notify_missed};
  if (mailbox == nullptr) return limits;
  limits.max_length = mailbox->max_length.value_or(limits.max_length);
  limits.notify_missed = mailbox->notify_missed.value_or(limits.notify_missed);
  return limits;
}

// One sip or sips URI with a host (RFC 3261 8.1.1.8): where our own requests would go.
bool has_usable_contact(const sip_t& sip) {
  const sip_contact_t* contact = sip.sip_contact;
  return contact != nullptr && contact->m_next == nullptr &&
         (contact->m_url->url_type == url_sip || contact->m_url->url_type == url_sips) &&
         contact->m_url->url_host != nullptr && *contact->m_url->url_host != '\0';
}

std::optional<Sentence> check(const sip_t& sip) {
  if (!has_usable_contact(sip))
    return Sentence{.status = 400, .phrase = "Bad Request", .warning = "Contact must be one sip or sips URI"};
  const bool is_sdp = sip.sip_content_type != nullptr && sip.sip_content_type->c_type != nullptr &&
                      equal_ignoring_case(sip.sip_content_type->c_type, "application/sdp");
  if (sip.sip_payload != nullptr && sip.sip_payload->pl_len > 0 && (!is_sdp || sip.sip_content_encoding != nullptr))
    return Sentence{.status = 415, .phrase = "Unsupported Media Type", .header = "Accept: application/sdp"};
  return std::nullopt;
}

// The same request over two paths (RFC 3261 8.2.2.2).
bool is_merged(nta_agent_t* agent, const sip_t& sip) {
  const nta_leg_t* leg = nta_leg_by_call_id(agent, sip.sip_call_id->i_id);
  if (leg == nullptr || sip.sip_from->a_tag == nullptr) return false;
  const char* known = nta_leg_get_rtag(leg);
  if (known == nullptr || !equal_ignoring_case(known, sip.sip_from->a_tag)) return false;
  return nta_leg_get_rseq(leg) == sip.sip_cseq->cs_seq;
}

std::string contact_of(const Endpoint& announced, const Arrival& arrival) {
  return "<sip:" + announced.text() + (arrival.protocol == Transport::tcp ? ";transport=tcp>" : ">");
}

}  // namespace

Calls::Calls(nta_agent_t* agent, std::shared_ptr<const Settings> settings, Rooms rooms, Log& log)
    : agent_{agent}, settings_{std::move(settings)}, rooms_{std::move(rooms)}, log_{log} {}

Calls::~Calls() = default;

void Calls::invite(Arrival&& arrival, const Request& request, const Resolution& resolution) {
  const auto refuse = [&](const Sentence& sentence) {
    log_.warning("call.refused", {{"peer", arrival.source.text()},
                                  {"mailbox", resolution.mailbox},
                                  {"call", request.call_id},
                                  {"status", std::to_string(sentence.status)},
                                  {"reason", sentence.warning.empty() ? sentence.phrase : sentence.warning}});
    reply(std::move(arrival), sentence);
  };
  if (is_merged(agent_, *arrival.sip)) return refuse({.status = 482, .phrase = "Loop Detected"});
  if (calls_.size() >= static_cast<std::size_t>(settings_->sip.max_calls))
    return refuse(unavailable(10, "sip.max-calls calls are running"));
  if (const auto wrong = check(*arrival.sip)) return refuse(*wrong);

  auto call =
      std::make_unique<LiveCall>(*this, CallId{++last_id_}, settings_, limits_of(settings_->call, resolution.source));
  call->mailbox = resolution.source;
  std::optional<Address> local;
  try {
    local = local_address_towards(arrival.source);
    if (!local) return refuse(unavailable(10, "no route to the caller"));
    call->ports = rooms_.ports(*local);
  } catch (const std::system_error& error) {  // no descriptor is left: the PBX shall take its next route
    return refuse(unavailable(10, error.what()));
  }
  if (!call->ports) return refuse(unavailable(10, "no free port in media.ports"));
  const auto session = random_number<std::uint32_t>();
  const Endpoint announced = announced_to(arrival.source.address, {*local, arrival.local_port},
                                          settings_->sip.public_addresses, settings_->sip.local_networks);
  call->terms = {settings_->media.codecs, announced.address, call->ports->port, session, session};
  call->peer = arrival.source;
  call->contact = contact_of(announced, arrival);
  if (request.body.empty()) {
    call->we_offered = true;
    call->sdp = our_offer(call->terms);
  } else {
    const auto offer = read_sdp(request.body);
    if (!offer) return refuse({.status = 488, .phrase = "Not Acceptable Here", .warning = offer.error()});
    const auto agreed = answer_offer(*offer, call->terms);
    if (!agreed) return refuse({.status = 488, .phrase = "Not Acceptable Here", .warning = agreed.error()});
    call->sdp = agreed->text;
    agree(*call, *agreed);
  }
  call->envelope = make_envelope(Kind::voicemail, request, resolution, *settings_, utc_now());
  if (!start_dialog(*call, arrival)) return;
  LiveCall& live = *calls_.emplace(call->id, std::move(call)).first->second;
  feed(live, call::Invited{});
}

// The transaction, its last checks, and the leg (NTA recipe); false when it was answered here.
bool Calls::start_dialog(LiveCall& call, Arrival& arrival) {
  const sip_t* sip = arrival.sip;
  // The transaction takes the message; sip lives as long as it does.
  call.invite.reset(nta_incoming_create(agent_, nullptr, arrival.message.release(), const_cast<sip_t*>(sip),
                                        NTATAG_TPORT(arrival.transport.get()), TAG_END()));
  if (!call.invite) return false;
  sip_supported_t supported;
  sip_supported_init(&supported);
  const char* const known[] = {"100rel", nullptr};
  supported.k_items = const_cast<msg_param_t*>(known);
  if (const int refused = nta_check_required(call.invite.get(), sip, &supported, TAG_END()); refused != 0) {
    log_refused(call, refused, "it requires what we do not know: Require names it");
    return false;
  }

  su_home_t home[1] = {SU_HOME_INIT(home)};
  sip_to_t* to = sip_to_dup(home, sip->sip_to);
  sip_to_tag(home, to, nta_incoming_tag(call.invite.get(), nullptr));
  call.leg.reset(nta_leg_tcreate(agent_, &DialogCallbacks::request, &call, SIPTAG_CALL_ID(sip->sip_call_id),
                                 SIPTAG_FROM(to), SIPTAG_TO(sip->sip_from), NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq),
                                 TAG_END()));
  su_home_deinit(home);
  if (!call.leg || nta_leg_server_route(call.leg.get(), sip->sip_record_route, sip->sip_contact) < 0) {
    nta_incoming_treply(call.invite.get(), SIP_500_INTERNAL_SERVER_ERROR, TAG_END());
    log_refused(call, 500, "its dialog could not be made");
    return false;
  }
  nta_incoming_bind(call.invite.get(), &DialogCallbacks::outcome, &call);
  return true;
}

void Calls::log_refused(const LiveCall& call, int status, std::string_view why) {
  log_.error("call.refused", {{"peer", call.peer.text()},
                              {"mailbox", call.envelope.mailbox},
                              {"call", call.envelope.call_id},
                              {"status", std::to_string(status)},
                              {"reason", std::string{why}}});
}

void Calls::feed(LiveCall& call, const call::Event& event) {
  carry_out(call, call.machine.on(event, now()));
}

void Calls::carry_out(LiveCall& call, const call::Actions& actions) {
  for (const call::Action& action : actions) {
    if (std::holds_alternative<call::OpenItem>(action)) open_item(call);
    if (std::holds_alternative<call::Ring>(action) && call.invite)
      nta_incoming_treply(call.invite.get(), SIP_180_RINGING, SIPTAG_CONTACT_STR(call.contact.c_str()), TAG_END());
    if (std::holds_alternative<call::Answer>(action)) answer(call);
    if (std::holds_alternative<call::Refuse>(action) && call.invite) {
      log_refused(call, 503, "its item could not be stored");
      nta_incoming_treply(call.invite.get(), SIP_503_SERVICE_UNAVAILABLE, SIPTAG_RETRY_AFTER_STR("10"), TAG_END());
      call.invite.reset();
    }
    if (std::holds_alternative<call::Play>(action)) rooms_.media(PlayPrompts{call.id});
    if (const auto* seal = std::get_if<call::Seal>(&action)) rooms_.media(SealSession{call.id, seal->interrupted});
    if (std::holds_alternative<call::HangUp>(action)) hang_up(call);
    if (std::holds_alternative<call::Keep>(action) || std::holds_alternative<call::Miss>(action) ||
        std::holds_alternative<call::Forget>(action)) {
      call.unsettled = action;
      settle(call);
    }
  }
  // Over without an item: its row was refused.
  if (call.machine.over() && !call.unsettled) call.settled = true;
  rearm(call);
}

void Calls::open_item(LiveCall& call) {
  rooms_.writer.submit(
      [envelope = call.envelope, time = call.envelope.received](Store& store) { return store.open(envelope, time); },
      [id = call.id, &reports = rooms_.reports](std::variant<Opened, Refused> result) {
        reports.push(ItemOpened{id, std::move(result)});
      });
}

void Calls::answer(LiveCall& call) {
  const Prompts prompts = rooms_.prompts(call);
  call.plan.greeting = prompts.greeting;
  call.plan.beep = prompts.beep;
  call.plan.not_saved = prompts.not_saved;
  rooms_.media(OpenSession{call.id, call.plan, std::move(call.ports->rtp), std::move(call.ports->rtcp),
                           call.envelope.id, std::move(call.opened->recording)});
  call.ports.reset();
  call.opened.reset();
  nta_incoming_treply(call.invite.get(), SIP_200_OK, SIPTAG_CONTACT_STR(call.contact.c_str()), SIPTAG_ALLOW_STR(kAllow),
                      SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(call.sdp.c_str()), TAG_END());
  log_.info("call.answered", {{"call", call.envelope.call_id},
                              {"item", call.envelope.id.text()},
                              {"mailbox", call.envelope.mailbox},
                              {"caller", call.envelope.caller},
                              {"peer", call.peer.text()},
                              {"codec", std::string{encoding_name(call.plan.codec)}}});
}

void Calls::hang_up(LiveCall& call) {
  if (!call.leg) return;
  // Answered by the library's default callback, which destroys the transaction.
  nta_outgoing_tcreate(call.leg.get(), nullptr, nullptr, nullptr, SIP_METHOD_BYE, nullptr, TAG_END());
}

void Calls::settle(LiveCall& call) {
  const auto then = [id = call.id, &reports = rooms_.reports](auto result) {
    ItemSettled report{id, Nothing{}};
    if (auto* refused = std::get_if<Refused>(&result)) report.result = std::move(*refused);
    reports.push(std::move(report));
  };
  const ItemId item = call.envelope.id;
  const Timestamp time = utc_now();
  if (const auto* keep = std::get_if<call::Keep>(&*call.unsettled)) {
    rooms_.writer.submit([item, heard = keep->heard, time](Store& store) { return store.ready(item, heard, time); },
                         then);
  } else if (std::holds_alternative<call::Miss>(*call.unsettled)) {
    rooms_.writer.submit([item, time](Store& store) { return store.missed(item, time); }, then);
  } else {
    rooms_.writer.submit([item](Store& store) { store.forget(item); }, then);
  }
}

void Calls::log_end(const LiveCall& call, const call::Action& how) {
  const std::string id = call.envelope.call_id;
  const std::string item = call.envelope.id.text();
  if (const auto* keep = std::get_if<call::Keep>(&how)) {
    std::string flags;
    for (const std::string& flag : to_texts(keep->heard.flags)) flags += (flags.empty() ? "" : ",") + flag;
    log_.info("call.recorded", {{"call", id},
                                {"item", item},
                                {"mailbox", call.envelope.mailbox},
                                {"milliseconds", std::to_string(keep->heard.duration.count())},
                                {"flags", flags}});
  } else if (std::holds_alternative<call::Miss>(how)) {
    log_.info("call.missed", {{"call", id}, {"item", item}, {"mailbox", call.envelope.mailbox}});
  } else {
    log_.info("call.forgotten", {{"call", id}, {"item", item}, {"mailbox", call.envelope.mailbox}});
  }
}

void Calls::on(MediaReport report) {
  LiveCall* call = find(std::visit([](const auto& value) { return value.call; }, report));
  if (call == nullptr) return;
  if (const auto* done = std::get_if<PromptDone>(&report)) {
    // Not repeated when refused: without it the mail's Date is the time of the call.
    rooms_.writer.submit([item = call->envelope.id, at = done->at](Store& store) { store.began(item, at); },
                         [](const std::variant<Nothing, Refused>&) {});
    feed(*call, call::PromptDone{});
  }
  if (std::holds_alternative<FinishKey>(report)) feed(*call, call::FinishKey{});
  if (std::holds_alternative<SilenceHeard>(report)) feed(*call, call::SilenceHeard{});
  if (std::holds_alternative<NoRtp>(report)) feed(*call, call::NoRtp{});
  if (std::holds_alternative<NotSaved>(report)) feed(*call, call::NotSaved{});
  if (const auto* sealed = std::get_if<Sealed>(&report)) feed(*call, call::Sealed{sealed->heard});
}

void Calls::on(ItemOpened report) {
  LiveCall* call = find(report.call);
  if (call == nullptr) return;
  if (auto* opened = std::get_if<Opened>(&report.result)) {
    call->opened = std::move(*opened);
    feed(*call, call::Opened{});
  } else {
    log_.error("item.refused", {{"item", call->envelope.id.text()}, {"reason", std::get<Refused>(report.result).why}});
    feed(*call, call::OpenRefused{});
  }
}

void Calls::on(const ItemSettled& report) {
  LiveCall* call = find(report.call);
  if (call == nullptr || !call->unsettled) return;
  if (const auto* refused = std::get_if<Refused>(&report.result)) {
    log_.error("item.unsettled", {{"item", call->envelope.id.text()}, {"reason", refused->why}});
    // Its row and its recording are on disk: the next start settles it.
    call->settled = cutting_off_;
    if (!call->settled) agenda_.set(call->id, now() + kAgain);
  } else {
    log_end(*call, *call->unsettled);
    call->settled = true;
  }
  rearm(*call);
}

void Calls::wake() {
  const Instant time = now();
  for (const CallId id : agenda_.due(time)) {
    LiveCall* call = find(id);
    if (call == nullptr) continue;
    if (call->settled) {
      calls_.erase(id);  // here, never inside a callback of its own dialog
    } else if (call->unsettled) {
      settle(*call);
    } else {
      carry_out(*call, call->machine.wake(time));
    }
  }
  rooms_.alarm(agenda_.next());
}

void Calls::cut_off() {
  cutting_off_ = true;
  for (auto& [id, call] : calls_) feed(*call, call::CutOff{});
}

void Calls::rearm(LiveCall& call) {
  if (call.settled) {
    agenda_.set(call.id, Instant{});
  } else if (!call.unsettled) {
    agenda_.set(call.id, call.machine.deadline());
  }
  if (call.counted != call.machine.live()) {
    call.counted = call.machine.live();
    live_ = call.counted ? live_ + 1 : live_ - 1;
    longest_ += call.counted ? call.max_length : -call.max_length;
    rooms_.count(live_, longest_);
  }
  rooms_.alarm(agenda_.next());
}

LiveCall* Calls::find(CallId id) {
  const auto found = calls_.find(id);
  return found == calls_.end() ? nullptr : found->second.get();
}

}  // namespace sip2mail
