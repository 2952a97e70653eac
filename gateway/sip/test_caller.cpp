#include "gateway/sip/test_caller.hpp"

#include <cstdio>
#include <optional>
#include <stdexcept>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/base/sockets.hpp"
#include "gateway/media/test_talk.hpp"
#include "gateway/sip/request_reader.hpp"
#include "gateway/sip/test_agent.hpp"
#include "src/media/sdp_answer.hpp"

namespace sip2mail {

// A request of ours and what becomes of it; the context of its callbacks.
struct Exchange {
  std::function<void(int status, const sip_t*)> answered;

  static int response(Exchange* self, nta_outgoing_t* outgoing, const sip_t* sip) noexcept {
    // The library makes a 408 or 503 of its own when nobody answers or nothing can be sent.
    const bool from_the_other_side = sip != nullptr && !nta_sip_is_internal(sip);
    self->answered(nta_outgoing_status(outgoing), from_the_other_side ? sip : nullptr);
    return 0;
  }
};

namespace {

constexpr Delay kStep{5};
constexpr Delay kGoodbyeBound{3000};

std::string seconds(Delay delay) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", static_cast<double>(delay.count()) / 1000);
  return text;
}

std::string new_call_id() {
  return new_item_id(utc_now()).text() + "@sip2mail";
}

class Caller {
 public:
  Caller(const TestCallPlan& plan, const Say& say)
      : plan_{plan}, say_{say}, destination_{find_destination(plan.uri)}, agent_{destination_} {}

  int run();

 private:
  static int on_request(void* self, nta_leg_t*, nta_incoming_t*, const sip_t* sip) noexcept;
  void invite();
  void on_answer(int status, const sip_t* sip);
  void on_success(const sip_t& sip);
  void step();
  void hang_up();
  void end(int status) {
    result_ = status;
    agent_.loop().stop();
  }

  const TestCallPlan& plan_;
  const Say& say_;
  Destination destination_;
  TestAgent agent_;
  SdpTerms terms_;
  std::optional<Fd> socket_;
  std::optional<TestTalk> talk_;
  LegHandle leg_;
  Exchange invite_{[this](int status, const sip_t* sip) { on_answer(status, sip); }};
  Exchange goodbye_{[this](int status, const sip_t*) {
    if (status >= 200) end(left_ ? 200 : 500);
  }};
  nta_outgoing_t* calling_ = nullptr;
  Instant began_ = now();
  bool speaking_ = false;
  bool over_ = false;
  bool left_ = true;  // when it is over: something was said
  std::optional<Instant> give_up_ = began_ + plan_.answer_bound;
  int result_ = 0;
};

int Caller::run() {
  agent_.loop().on_alarm([this] { step(); });
  invite();
  agent_.loop().set_alarm(now() + kStep);
  agent_.loop().run();
  if (calling_ != nullptr) nta_outgoing_destroy(calling_);
  return result_;
}

void Caller::invite() {
  socket_ = bind_udp({agent_.local(), 0});
  if (!socket_) throw std::runtime_error{"cannot open an RTP port"};
  const auto session = random_number<std::uint32_t>();
  terms_ = {{Codec::pcmu, Codec::pcma}, agent_.local(), local_endpoint(socket_->get()).port, session, session};
  const std::string sdp = our_offer(terms_);
  const std::string from = agent_.from(plan_.from);
  const std::string to = "<" + destination_.uri + ">";
  const std::string call_id = new_call_id();
  leg_.reset(nta_leg_tcreate(agent_.agent(), &Caller::on_request, this, SIPTAG_FROM_STR(from.c_str()),
                             SIPTAG_TO_STR(to.c_str()), SIPTAG_CALL_ID_STR(call_id.c_str()), TAG_END()));
  if (!leg_) throw std::runtime_error{"the caller's address is not understood: " + from};
  nta_leg_tag(leg_.get(), nullptr);
  const std::string contact = agent_.contact();
  std::string diversion;
  for (const std::string& each : plan_.diversions) diversion += (diversion.empty() ? "Diversion: " : ", ") + each;
  calling_ = nta_outgoing_tcreate(leg_.get(), &Exchange::response, &invite_,
                                  URL_STRING_MAKE(destination_.route.c_str()), SIP_METHOD_INVITE,
                                  URL_STRING_MAKE(destination_.uri.c_str()), SIPTAG_CONTACT_STR(contact.c_str()),
                                  SIPTAG_CONTENT_TYPE_STR("application/sdp"), SIPTAG_PAYLOAD_STR(sdp.c_str()),
                                  TAG_IF(!diversion.empty(), SIPTAG_HEADER_STR(diversion.c_str())), TAG_END());
  if (calling_ == nullptr) throw std::runtime_error{"the call cannot be sent"};
  say_("calling " + destination_.uri + " at " + destination_.peer.text() + (destination_.tcp ? " by TCP" : " by UDP"));
}

void Caller::on_answer(int status, const sip_t* sip) {
  if (over_) return;
  if (status < 200) {
    if (status > 100) say_(say_status(status, sip));
    return;
  }
  say_(say_status(status, sip) + " after " + seconds(std::chrono::floor<Delay>(now() - began_)));
  give_up_.reset();
  if (status >= 300 || sip == nullptr) return end(sip == nullptr ? 0 : status);
  on_success(*sip);
}

void Caller::on_success(const sip_t& sip) {
  nta_leg_rtag(leg_.get(), sip.sip_to->a_tag);
  nta_leg_client_route(leg_.get(), sip.sip_record_route, sip.sip_contact);
  // The library's default callback ends it.
  nta_outgoing_tcreate(leg_.get(), nullptr, nullptr, URL_STRING_MAKE(destination_.route.c_str()), SIP_METHOD_ACK,
                       nullptr, TAG_END());  // its CSeq is the INVITE's, the last one of the leg
  const auto answer = read_sdp(body_of(sip));
  const auto agreed = answer ? accept_answer(*answer, terms_) : tl::unexpected{answer.error()};
  if (!agreed) {
    say_("its answer is not understood: " + agreed.error());
    left_ = false;
    return hang_up();
  }
  talk_.emplace(std::move(*socket_), plan_.samples);
  talk_->begin(agreed->remote, agreed->codec, agreed->payload_type, now());
}

void Caller::step() {
  const Instant time = now();
  if (give_up_ && time >= *give_up_) {
    if (over_) return end(left_ ? 200 : 500);  // BYE was not answered: what is left is left all the same
    say_("no answer");
    return end(0);
  }
  if (talk_ && !over_) {
    talk_->step(time);
    if (talk_->speaks() && !speaking_) {
      speaking_ = true;
      say_("heard " + seconds(talk_->heard()) + " of greeting; speaking");
    }
    if (talk_->done(time)) {
      say_("said " + seconds(talk_->spoken(time)) + "; hanging up");
      hang_up();
    }
  }
  agent_.loop().set_alarm(time + kStep);
}

void Caller::hang_up() {
  over_ = true;
  give_up_ = now() + kGoodbyeBound;
  nta_outgoing_tcreate(leg_.get(), &Exchange::response, &goodbye_, URL_STRING_MAKE(destination_.route.c_str()),
                       SIP_METHOD_BYE, nullptr, TAG_END());
}

// Requests of the other side inside the call.
int Caller::on_request(void* context, nta_leg_t*, nta_incoming_t*, const sip_t* sip) noexcept {
  auto& self = *static_cast<Caller*>(context);
  if (sip == nullptr || sip->sip_request->rq_method != sip_method_bye) return 501;
  if (!self.over_) {
    self.over_ = true;
    self.give_up_ = now() + 200ms;  // time for our 200 to leave
    const Delay spoken = self.talk_ ? self.talk_->spoken(now()) : Delay{0};
    self.left_ = spoken > Delay{0};  // else nothing was said
    self.say_("the other side hung up after " + seconds(spoken) + " of speech");
  }
  return 200;
}

}  // namespace

int leave_voicemail(const TestCallPlan& plan, const Say& say) {
  return Caller{plan, say}.run();
}

int leave_text(const std::string& uri, const std::string& from, const std::string& text, const Say& say) {
  const Destination destination = find_destination(uri);
  TestAgent agent{destination};
  int result = 0;
  Exchange exchange{[&](int status, const sip_t* sip) {
    if (status < 200) return;
    say(say_status(status, sip));
    result = sip == nullptr ? 0 : status;
    agent.loop().stop();
  }};
  const std::string sender = agent.from(from);
  const std::string to = "<" + destination.uri + ">";
  const std::string call_id = new_call_id();
  const LegHandle leg{nta_leg_tcreate(agent.agent(), nullptr, nullptr, NTATAG_NO_DIALOG(1),
                                      SIPTAG_FROM_STR(sender.c_str()), SIPTAG_TO_STR(to.c_str()),
                                      SIPTAG_CALL_ID_STR(call_id.c_str()), TAG_END())};
  if (!leg) throw std::runtime_error{"the sender's address is not understood: " + sender};
  nta_leg_tag(leg.get(), nullptr);
  say("sending to " + destination.uri + " at " + destination.peer.text() + (destination.tcp ? " by TCP" : " by UDP"));
  nta_outgoing_t* outgoing = nta_outgoing_tcreate(
      leg.get(), &Exchange::response, &exchange, URL_STRING_MAKE(destination.route.c_str()), SIP_METHOD_MESSAGE,
      URL_STRING_MAKE(destination.uri.c_str()), SIPTAG_CONTENT_TYPE_STR("text/plain;charset=UTF-8"),
      SIPTAG_PAYLOAD_STR(text.c_str()), TAG_END());
  if (outgoing == nullptr) throw std::runtime_error{"the message cannot be sent"};
  agent.loop().run();
  nta_outgoing_destroy(outgoing);
  return result;
}

}  // namespace sip2mail
