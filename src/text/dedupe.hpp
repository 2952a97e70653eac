// src/text/dedupe.hpp -- what makes two SIP MESSAGEs the same one (contract, section 3): a retransmission or a copy
// that took another way carries the same Call-ID, CSeq, From tag, mailbox and body.
//
// Pure, any thread; throws std::runtime_error when libcrypto has no SHA-256 to give.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sip2mail {

struct DedupeFields {
  std::string_view call_id;
  std::uint32_t cseq = 0;
  std::string_view method;
  std::string_view from_tag;  // empty: none (RFC 2543 peers)
  std::string_view mailbox;
  std::string_view body;
};

// The queue's DedupeKey: SHA-256, each field behind its length, so that no two field lists run together.
[[nodiscard]] std::array<std::uint8_t, 32> dedupe_key(const DedupeFields& fields);

}  // namespace sip2mail
