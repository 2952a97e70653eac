// src/routing/request.hpp -- what a SIP request carries, as plain values: what routing decides by.
//
// Made by gateway/sip/request_reader.* from the library's tree. Text fields are as they came (bounded by the library's
// message limit), not yet printable: who shows or stores them cleans them (text.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/network.hpp"

namespace sip2mail {

struct Uri {
  std::string scheme;  // "sip", "sips", "tel", …
  std::string user;    // %-encoded as it came, without password; of a tel: URI the number
  std::string host;
};

struct NamedUri {
  std::string display;
  Uri uri;
};

// An entry of Diversion (RFC 5806).
struct Diverter {
  Uri uri;
  std::string reason;  // as it came: "no-answer", "USER-BUSY", quoted or not
};

struct Request {
  Endpoint source;
  std::string method;
  Uri request_uri;
  NamedUri from;
  NamedUri to;
  std::string from_tag;
  std::optional<NamedUri> asserted;      // P-Asserted-Identity, RFC 3325
  std::optional<NamedUri> remote_party;  // Remote-Party-ID
  std::vector<Diverter> diversions;      // in the order of the headers: the latest diverter first, at most 20
  std::string privacy;                   // Privacy, RFC 3323; empty: none
  std::string call_id;
  std::uint32_t cseq = 0;
  std::string content_type;  // with parameters; empty: no header
  std::string content_encoding;
  std::string body;
};

// The user part as people know it: %-decoded once, without what follows a ';' in it (RFC 4694 parameters ride there).
// Empty when it cannot be decoded.
[[nodiscard]] std::string plain_user(std::string_view user);

}  // namespace sip2mail
