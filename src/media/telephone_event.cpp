#include "src/media/telephone_event.hpp"

#include <algorithm>
#include <string_view>

namespace sip2mail {

std::optional<char> TelephoneEvents::on(const RtpPacket& packet) {
  constexpr std::string_view keys = "0123456789*#ABCD";
  if (packet.payload.size() < 4) return std::nullopt;
  Press press;
  press.ssrc = packet.ssrc;
  press.timestamp = packet.timestamp;
  press.event = packet.payload[0];
  press.ended = (packet.payload[1] & 0x80) != 0;
  press.duration = static_cast<std::uint32_t>(packet.payload[2] << 8 | packet.payload[3]);
  if (press.event >= keys.size()) return std::nullopt;  // hook flash, tones: no key

  if (last_ && last_->ssrc == press.ssrc) {
    const auto ahead = static_cast<std::int32_t>(press.timestamp - last_->timestamp);
    if (ahead < 0) return std::nullopt;  // a reordered packet of an earlier press
    if (ahead == 0) {
      last_->ended = last_->ended || press.ended;
      last_->duration = std::max(last_->duration, press.duration);
      return std::nullopt;
    }
    // 2.5.1.3: a long event goes on in a new segment that begins where the one before stopped. Some phones move the
    // timestamp with every packet, which looks the same.
    const bool goes_on =
        !last_->ended && last_->event == press.event && static_cast<std::uint32_t>(ahead) <= last_->duration;
    last_ = press;
    if (goes_on) return std::nullopt;
  }
  last_ = press;
  return keys[press.event];
}

}  // namespace sip2mail
