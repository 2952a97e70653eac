// gateway/sip/endpoint.hpp -- the SIP agent (sofia's NTA): its listeners, its stateless replies, its one callback.
//
// Owned by serve(), SIP thread only. Every request outside transactions and dialogs arrives at the handler as an
// Arrival, by reference: what nobody took when the handler throws is still there to be answered. No exception passes
// the library: it is logged and answered 503. Throws when an address cannot be listened on.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/log.hpp"
#include "gateway/config/settings.hpp"
#include "gateway/sip/connection_limit.hpp"
#include "gateway/sip/handles.hpp"
#include "gateway/sip/loop.hpp"

namespace sip2mail {

// A request that nobody has answered yet. Whoever holds it answers, keeps or drops it; dropping is silence.
struct Arrival {
  nta_agent_t* agent = nullptr;
  MessageHandle message;
  const sip_t* sip = nullptr;  // lives in message
  TransportHandle transport;   // to answer by: the address that was asked
  Endpoint source;
  Transport protocol = Transport::udp;
  std::uint16_t local_port = 0;
};

// For one that is kept: its message without the buffer that it came in. By TCP that holds all that was read at once, so
// a thousand requests in one segment would keep a thousand segments.
void make_compact(Arrival& arrival);

// What a stateless reply says beside its status.
struct Sentence {
  int status = 500;
  const char* phrase = "";
  std::optional<int> retry_after{};  // seconds
  bool allow = false;                // the methods that we know
  std::string warning{};             // the reason in words: Warning 399 (RFC 3261 20.43)
  const char* header = nullptr;      // one more header line
};

// For want of room or disk, or in drain: the PBX takes its next route.
[[nodiscard]] Sentence unavailable(int retry_after, std::string_view why);

extern const char* const kAllow;

// One datagram, no transaction, no memory (RFC 3261 16.11).
void reply(Arrival arrival, const Sentence& sentence);

// The library logs by blocking writes to stderr, and on a word in the environment dumps every packet: never again.
void quiet_library();

class SipEndpoint {
 public:
  // `trusts` tells whose connections are not limited.
  SipEndpoint(SipLoop& loop, const Settings& settings, std::function<bool(const Address&)> trusts, Log& log);

  // Before the loop runs.
  void on_arrival(std::function<void(Arrival&&)> handler) { handler_ = std::move(handler); }
  [[nodiscard]] nta_agent_t* agent() const { return agent_.get(); }
  // What is listened on, with the true ports: "udp:127.0.0.1:41234,tcp:…".
  [[nodiscard]] std::string listening() const;
  // The library listens on each address by itself. Where sip.listen names all of a family, those of the machine's that
  // came since are added (DHCP, a VPN, a failover address); one that went stays, for when it comes back.
  void follow(const std::vector<Address>& addresses);

 private:
  static int receive(SipEndpoint* self, nta_agent_t* agent, msg_t* message, sip_t* sip) noexcept;
  [[nodiscard]] bool listen(const Listen& where);
  [[nodiscard]] bool listens_on(const Listen& where) const;

  Log& log_;
  std::vector<Listen> everywhere_;  // those of sip.listen that name all addresses
  std::set<std::string> refused_;   // what follow() could not listen on, and has said so
  std::function<void(Arrival&&)> handler_;
  ConnectionLimit connections_;
  AgentHandle agent_;
};

}  // namespace sip2mail
