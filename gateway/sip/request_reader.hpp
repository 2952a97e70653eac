// gateway/sip/request_reader.hpp -- the library's tree of a request becomes the plain values of
// src/routing/request.hpp.
//
// SIP thread. Headers that the parser found malformed are simply absent; sizes are bounded by NTATAG_MAXSIZE.
#pragma once

#include "gateway/sip/sofia.hpp"
#include "src/routing/request.hpp"

namespace sip2mail {

[[nodiscard]] Request read_request(const sip_t& sip, const Endpoint& source);

// Where the message came from (IPv4-mapped as IPv4).
[[nodiscard]] Endpoint source_of(msg_t* message);

[[nodiscard]] std::string body_of(const sip_t& sip);

// The peer says that somebody else took the call: "Reason: SIP;cause=200" or "Q.850;cause=26" (RFC 3326).
[[nodiscard]] bool was_answered_elsewhere(const sip_t& sip);

}  // namespace sip2mail
