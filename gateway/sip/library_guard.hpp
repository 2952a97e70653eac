// gateway/sip/library_guard.hpp -- our functions that stand before the library's own of the same name.
//
// Debian's sofia-sip answers or crashes on some packets before our callback could judge them. The dynamic linker finds
// our definitions first (the program exports them), we look, and pass on to the library's (dlsym RTLD_NEXT). Any
// thread that parses, in practice the SIP thread. A statically linked library would lose this: tests send the packets.
//
//   sip_request_d          another SIP version: 505 would go to the Via host, by a blocking look-up of its name
//   sip_via_d              port 0, beyond 65535, or maddr: an answer that cannot be sent, or goes elsewhere
//   sip_from_d, sip_to_d, sip_call_id_d, sip_record_route_d
//                          over 16 KiB a message: a reply too large to send, whose ACK would abort the process
//   su_getaddrinfo         never a look-up of a name on the SIP thread
//   tport_recv_stun_dgram  STUN on the SIP port would be answered
#pragma once

namespace sip2mail::library_guard {

// Links the guard in, and proves that the library calls it: false when the build lost the interposition.
[[nodiscard]] bool is_in_place();

// The version of a request line that was not SIP/2.0, known by its address.
[[nodiscard]] bool is_foreign_version(const char* version);

}  // namespace sip2mail::library_guard
