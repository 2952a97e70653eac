// src/media/sdp_answer.hpp -- offer -> answer, or the refusal in words (488); and the offer of our own.
//
// Pure. The answer takes the peer's first codec that we accept (RFC 3264 6.1), exactly one, and telephone-event at its
// clock; every other m-line is refused with port 0. Only plain RTP is spoken: an RTP/SAVP m-line is not acceptable,
// an RTP/AVP one with a=crypto is answered without it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "src/media/codec.hpp"
#include "src/media/sdp_reader.hpp"

namespace sip2mail {

// Our side of a call; session id and version are of o=: a description that changes counts the version up (RFC 3264 8).
struct SdpTerms {
  std::vector<Codec> codecs;  // accepted; the order is that of our own offers
  Address address;            // announced
  std::uint16_t port = 0;
  std::uint64_t session_id = 0;
  std::uint64_t version = 0;
};

// What both sides agreed on.
struct Answer {
  std::string text;  // the SDP to send, with CRLF; empty when it was the peer that answered
  Codec codec = Codec::pcmu;
  std::uint8_t payload_type = 0;
  std::optional<std::uint8_t> event_payload_type;  // telephone-event at the codec's clock
  Endpoint remote;                                 // where the peer wants RTP; unspecified address: hold
  Direction direction = Direction::sendrecv;       // ours
  bool receives = true;                            // the peer takes RTP: neither on hold nor sendonly nor inactive
};

[[nodiscard]] tl::expected<Answer, std::string> answer_offer(const Sdp& offer, const SdpTerms& terms);

// For an INVITE without an offer (RFC 3261 13.2.1): every codec of ours in our order, sendrecv.
[[nodiscard]] std::string our_offer(const SdpTerms& terms);
// What the peer's answer to our_offer(terms) says.
[[nodiscard]] tl::expected<Answer, std::string> accept_answer(const Sdp& answer, const SdpTerms& terms);

}  // namespace sip2mail
