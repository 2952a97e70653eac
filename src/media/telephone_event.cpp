#include "src/media/telephone_event.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kKeys = "0123456789*#ABCD";  // by their number in RFC 4733 3.2

}  // namespace

std::optional<char> TelephoneEvents::on(const RtpPacket& packet) {
  if (packet.payload.size() < 4) return std::nullopt;
  Press press;
  press.ssrc = packet.ssrc;
  press.timestamp = packet.timestamp;
  press.event = packet.payload[0];
  press.ended = (packet.payload[1] & 0x80) != 0;
  press.duration = static_cast<std::uint32_t>(packet.payload[2] << 8 | packet.payload[3]);
  if (press.event >= kKeys.size()) return std::nullopt;  // hook flash, tones: no key

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
  return kKeys[press.event];
}

std::optional<char> key_of_info(std::string_view content_type, std::string_view body) {
  const std::string_view type = trim(content_type.substr(0, content_type.find(';')));
  std::string signal;
  std::string_view word;
  if (equal_ignoring_case(type, "application/dtmf")) {
    word = trim(body);
  } else if (equal_ignoring_case(type, "application/dtmf-relay")) {
    for (const std::string& line : split_list(body, '\n')) {
      const std::size_t equals = std::min(line.find('='), line.size());
      if (equal_ignoring_case(trim(std::string_view{line}.substr(0, equals)), "signal") && equals < line.size()) {
        signal = line.substr(equals + 1);
        break;
      }
    }
    word = trim(signal);
  }
  if (word == "10") return '*';
  if (word == "11") return '#';
  if (word.size() != 1) return std::nullopt;
  const char key = word[0] >= 'a' && word[0] <= 'd' ? static_cast<char>(word[0] - 'a' + 'A') : word[0];
  return kKeys.find(key) == std::string_view::npos ? std::nullopt : std::optional{key};
}

}  // namespace sip2mail
