// src/media/telephone_event.hpp -- keys in RTP (RFC 4733): each press once, however its packets repeat or are lost;
// and keys in SIP INFO.
//
// TelephoneEvents: owned by a Session. A key is told with its first packet: the ends may be lost. An event keeps the
// timestamp of its beginning in every packet of it (2.5.1.1), so another timestamp is another press, save where it
// continues a long one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/media/rtp_packet.hpp"

namespace sip2mail {

class TelephoneEvents {
 public:
  // The key that this packet begins: one of 0-9 * # A-D.
  [[nodiscard]] std::optional<char> on(const RtpPacket& packet);

 private:
  struct Press {
    std::uint32_t ssrc = 0;
    std::uint32_t timestamp = 0;
    std::uint32_t duration = 0;
    std::uint8_t event = 0;
    bool ended = false;
  };
  std::optional<Press> last_;
};

// The key that a SIP INFO tells of, as PBXs without RFC 4733 send it: `application/dtmf-relay` with a line `Signal=5`,
// or `application/dtmf` with the key alone; 10 is *, 11 is #. None where the body is anything else.
[[nodiscard]] std::optional<char> key_of_info(std::string_view content_type, std::string_view body);

}  // namespace sip2mail
