#include "gateway/sip/library_guard.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "gateway/sip/sofia.hpp"
// After it:
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_parser.h>
#include <sofia-sip/su_addrinfo.h>

namespace {

// What NTA compares with is the text, what we compare with is the address.
const char kForeignVersion[] = "SIP/2.0";

constexpr usize_t kMostBytes = 16 * 1024;

using Parse = issize_t(su_home_t*, msg_header_t*, char*, isize_t);

template <class Function>
Function* next(const char* name) {
  void* found = ::dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();  // linked without the shared library: nothing of this file would hold
  return reinterpret_cast<Function*>(found);
}

// Bytes of the headers that come back in replies, of the message that is parsed now: a datagram is parsed in one go.
thread_local const su_home_t* counted_home = nullptr;
thread_local usize_t counted_bytes = 0;

void count_from_zero(const su_home_t* home) {
  counted_home = home;
  counted_bytes = 0;
}

bool fits(const su_home_t* home, isize_t length) {
  if (home != counted_home) count_from_zero(home);
  counted_bytes += static_cast<usize_t>(length);
  return counted_bytes <= kMostBytes;
}

}  // namespace

extern "C" {

issize_t sip_request_d(su_home_t* home, msg_header_t* header, char* text, isize_t length) {
  static Parse* const original = next<Parse>("sip_request_d");
  count_from_zero(home);
  const issize_t result = original(home, header, text, length);
  auto* request = reinterpret_cast<sip_request_t*>(header);
  if (result >= 0 && request->rq_version != sip_version_2_0 &&
      (request->rq_version == nullptr || ::strcasecmp(request->rq_version, "SIP/2.0") != 0))
    request->rq_version = kForeignVersion;
  return result;
}

issize_t sip_via_d(su_home_t* home, msg_header_t* header, char* text, isize_t length) {
  static Parse* const original = next<Parse>("sip_via_d");
  if (!fits(home, length)) return -1;
  const issize_t result = original(home, header, text, length);
  if (result < 0) return result;
  // One header line may hold a list.
  for (const auto* via = reinterpret_cast<sip_via_t*>(header); via != nullptr; via = via->v_next) {
    if (via->v_maddr != nullptr) return -1;
    if (via->v_port == nullptr) continue;
    char* end = nullptr;
    const unsigned long port = std::strtoul(via->v_port, &end, 10);
    if (end == via->v_port || *end != '\0' || port == 0 || port > 65535) return -1;
  }
  return result;
}

#define SIP2MAIL_BOUNDED(name)                                                       \
  issize_t name(su_home_t* home, msg_header_t* header, char* text, isize_t length) { \
    static Parse* const original = next<Parse>(#name);                               \
    return fits(home, length) ? original(home, header, text, length) : -1;           \
  }
SIP2MAIL_BOUNDED(sip_from_d)
SIP2MAIL_BOUNDED(sip_to_d)
SIP2MAIL_BOUNDED(sip_call_id_d)
SIP2MAIL_BOUNDED(sip_record_route_d)
#undef SIP2MAIL_BOUNDED

int su_getaddrinfo(const char* node, const char* service, const su_addrinfo_t* hints, su_addrinfo_t** result) {
  static auto* const original = next<decltype(su_getaddrinfo)>("su_getaddrinfo");
  su_addrinfo_t numeric{};
  if (hints != nullptr) numeric = *hints;
  numeric.ai_flags |= AI_NUMERICHOST;
  return original(node, service, &numeric, result);
}

int tport_recv_stun_dgram(const tport_t*, msg_t** message, su_sockaddr_t*, socklen_t) {
  if (message != nullptr && *message != nullptr) {
    msg_destroy(*message);
    *message = nullptr;
  }
  return 0;
}

}  // extern "C"

namespace sip2mail::library_guard {

bool is_in_place() {
  // A message through the library's own parser: ours must have seen its foreign version and refused its Via.
  static const char kForeign[] =
      "OPTIONS sip:a@b SIP/7.0\r\nVia: SIP/2.0/UDP a:0;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\n"
      "Call-ID: x\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
  msg_t* parsed = msg_make(sip_default_mclass(), 0, kForeign, sizeof kForeign - 1);
  if (parsed == nullptr) return false;
  const sip_t* sip = sip_object(parsed);
  const bool seen = sip != nullptr && sip->sip_request != nullptr && is_foreign_version(sip->sip_request->rq_version) &&
                    sip->sip_via == nullptr;
  msg_destroy(parsed);
  return seen;
}

bool is_foreign_version(const char* version) {
  return version == kForeignVersion;
}

}  // namespace sip2mail::library_guard
