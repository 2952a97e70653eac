#include "gateway/sip/endpoint.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "gateway/sip/library_guard.hpp"
#include "gateway/sip/request_reader.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr int kUdpReceiveBuffer = 4 << 20;  // 500 MESSAGEs at once: 895 retransmissions with the default, 0 with this
constexpr int kIdleMilliseconds = 600'000;
constexpr int kPartialMilliseconds = 10'000;  // half a header or body: closed

// Beside three a call: the queue, mails, the control socket.
constexpr std::size_t kOtherFiles = 200;

void silence(void*, const char*, va_list) {}

std::string name_of(Transport transport) {
  return transport == Transport::udp ? "udp" : "tcp";
}

std::string place_of(const Listen& where) {
  return name_of(where.transport) + ":" + where.local.text();
}

}  // namespace

void quiet_library() {
  for (const char* name : {"TPORT_LOG", "TPORT_DEBUG", "TPORT_DUMP", "TPORT_CAPT", "NTA_DEBUG", "SU_DEBUG", "MSG_DUMP"})
    ::unsetenv(name);
  su_log_redirect(nullptr, &silence, nullptr);
}

const char* const kAllow = "INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, UPDATE, PRACK, INFO";

Sentence unavailable(int retry_after, std::string_view why) {
  return {.status = 503, .phrase = "Service Unavailable", .retry_after = retry_after, .warning = std::string{why}};
}

void reply(Arrival arrival, const Sentence& sentence) {
  const std::string retry_after = sentence.retry_after ? std::to_string(*sentence.retry_after) : "";
  std::string words = printable(sentence.warning, 200);
  std::erase_if(words, [](char c) { return c == '"' || c == '\\'; });
  const std::string warning = words.empty() ? "" : "399 sip2mail \"" + words + "\"";
  nta_msg_treply(arrival.agent, arrival.message.release(), sentence.status, sentence.phrase,
                 NTATAG_TPORT(arrival.transport.get()), TAG_IF(sentence.allow, SIPTAG_ALLOW_STR(kAllow)),
                 TAG_IF(sentence.retry_after.has_value(), SIPTAG_RETRY_AFTER_STR(retry_after.c_str())),
                 TAG_IF(!warning.empty(), SIPTAG_WARNING_STR(warning.c_str())),
                 TAG_IF(sentence.header != nullptr, SIPTAG_HEADER_STR(sentence.header)), TAG_END());
}

SipEndpoint::SipEndpoint(SipLoop& loop, const Settings& settings, std::function<bool(const Address&)> trusts, Log& log)
    : log_{log}, connections_{std::move(trusts), static_cast<std::size_t>(settings.sip.max_calls) * 3 + kOtherFiles} {
  quiet_library();
  // P-Asserted-Identity and Remote-Party-ID are known to the extended parser only.
  static msg_mclass_t* const parser = sip_extend_mclass(nullptr);
  sip_update_default_mclass(parser);
  if (!library_guard::is_in_place())
    throw std::logic_error{"this build does not stand before sofia-sip's parser: link the library dynamically"};
  const auto most = static_cast<unsigned>(std::max<std::size_t>(256 * 1024, settings.message.max_size + 64 * 1024));
  agent_.reset(nta_agent_create(loop.root(), reinterpret_cast<url_string_t*>(-1), &SipEndpoint::receive, this,
                                NTATAG_UA(1), NTATAG_STATELESS(1), NTATAG_MERGE_482(0), NTATAG_MAXSIZE(most),
                                NTATAG_UDP_MTU(65535), TAG_END()));
  if (!agent_) throw std::runtime_error{"the SIP agent does not start"};
  for (const Listen& where : settings.sip.listen) {
    if (!listen(where))
      throw std::system_error{errno, std::generic_category(),
                              "cannot listen on " + place_of(where) + " (another program there? see sip.listen)"};
    // Each address got a free port of its own by port 0: there is none to follow.
    if (where.local.address.is_unspecified() && where.local.port != 0) everywhere_.push_back(where);
  }
}

bool SipEndpoint::listen(const Listen& where) {
  const std::string url = "sip:" + where.local.address.uri_host() + ":" +
                          (where.local.port == 0 ? "*" : std::to_string(where.local.port)) +
                          ";transport=" + name_of(where.transport);
  return nta_agent_add_tport(agent_.get(), URL_STRING_MAKE(url.c_str()), TPTAG_UDP_RMEM(kUdpReceiveBuffer),
                             TPTAG_IDLE(kIdleMilliseconds), TPTAG_TIMEOUT(kPartialMilliseconds), TPTAG_PONG2PING(1),
                             TPTAG_STUN_SERVER(0), TAG_END()) == 0;
}

bool SipEndpoint::listens_on(const Listen& where) const {
  const std::string port = std::to_string(where.local.port);
  for (tport_t* primary = tport_primaries(nta_agent_tports(agent_.get())); primary != nullptr;
       primary = tport_next(primary)) {
    const tp_name_t* name = tport_name(primary);
    if (equal_ignoring_case(name->tpn_proto, name_of(where.transport)) && name->tpn_port == port &&
        Address::parse(name->tpn_host) == where.local.address)
      return true;
  }
  return false;
}

void SipEndpoint::follow(const std::vector<Address>& addresses) {
  static const Network link_local = *Network::parse("fe80::/10");  // bound to an interface: the library leaves them out
  for (const Listen& all : everywhere_) {
    for (const Address& address : addresses) {
      const Listen where{all.transport, {address, all.local.port}};
      if (address.is_v6() != all.local.address.is_v6() || link_local.contains(address) || listens_on(where)) continue;
      if (listen(where)) {
        refused_.erase(place_of(where));
        log_.info("sip.listening", {{"sip", place_of(where)}});
      } else if (errno != EADDRNOTAVAIL && refused_.insert(place_of(where)).second) {
        // Not available is an IPv6 address that is still being checked for a twin: the kernel tells us again.
        log_.error("sip.not-listening",
                   {{"sip", place_of(where)},
                    {"reason", std::generic_category().message(errno)},
                    {"remedy", "another program there? end it, or name our addresses in sip.listen, and restart"}});
      }
    }
  }
}

std::string SipEndpoint::listening() const {
  std::string out;
  for (tport_t* primary = tport_primaries(nta_agent_tports(agent_.get())); primary != nullptr;
       primary = tport_next(primary)) {
    const tp_name_t* name = tport_name(primary);
    const std::string host = name->tpn_host == nullptr ? "" : name->tpn_host;
    const auto address = Address::parse(host);
    out += (out.empty() ? "" : ",") + lower(name->tpn_proto) + ":" + (address ? address->uri_host() : host) + ":" +
           name->tpn_port;
  }
  return out;
}

void make_compact(Arrival& arrival) {
  MessageHandle copy{msg_dup(arrival.message.get())};
  if (!copy) throw std::bad_alloc{};
  msg_addr_copy(copy.get(), arrival.message.get());
  arrival.sip = sip_object(copy.get());
  arrival.message = std::move(copy);
}

int SipEndpoint::receive(SipEndpoint* self, nta_agent_t* agent, msg_t* message, sip_t* sip) noexcept {
  Arrival arrival;
  arrival.message.reset(message);
  try {
    if (sip == nullptr || sip->sip_request == nullptr) return 0;  // a stray response
    tport_t* transport = tport_delivered_by(nta_agent_tports(agent), message);
    const tp_name_t* name = tport_name(transport);
    arrival.agent = agent;
    arrival.sip = sip;
    arrival.transport.reset(tport_ref(transport));
    arrival.source = source_of(message);
    arrival.protocol = equal_ignoring_case(name->tpn_proto, "udp") ? Transport::udp : Transport::tcp;
    const tp_name_t* local = tport_name(tport_parent(transport));
    arrival.local_port = static_cast<std::uint16_t>(std::strtoul(local->tpn_port, nullptr, 10));
    self->handler_(std::move(arrival));
  } catch (const std::exception& error) {
    self->log_.error("sip.error", {{"reason", error.what()}});
    if (arrival.message) reply(std::move(arrival), unavailable(10, ""));
  } catch (...) {
    self->log_.error("sip.error", {{"reason", "unknown"}});
  }
  return 0;
}

}  // namespace sip2mail
