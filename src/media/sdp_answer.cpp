#include "src/media/sdp_answer.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::uint8_t kOurEventType = 101;

std::string session_lines(const SdpTerms& terms) {
  const std::string connection = (terms.address.is_v6() ? "IN IP6 " : "IN IP4 ") + terms.address.text();
  return "v=0\r\no=sip2mail " + std::to_string(terms.session_id) + " " + std::to_string(terms.version) + " " +
         connection + "\r\ns=-\r\nc=" + connection + "\r\nt=0 0\r\n";
}

std::string rtpmap_line(std::uint8_t type, std::string_view encoding) {
  return "a=rtpmap:" + std::to_string(type) + " " + std::string{encoding} + "/8000\r\n";
}

std::string event_lines(std::uint8_t type) {
  return rtpmap_line(type, "telephone-event") + "a=fmtp:" + std::to_string(type) + " 0-15\r\n";
}

std::optional<Codec> codec_of(const SdpCodec& offered, const std::vector<Codec>& accepted) {
  const auto found = std::find_if(accepted.begin(), accepted.end(), [&](Codec codec) {
    return equal_ignoring_case(offered.encoding, encoding_name(codec)) && offered.clock == 8000 &&
           offered.channels == 1;
  });
  return found == accepted.end() ? std::nullopt : std::optional{*found};
}

// RFC 3264 6.1: the mirror of what the peer said.
Direction mirrored(Direction offered) {
  if (offered == Direction::sendonly) return Direction::recvonly;
  if (offered == Direction::recvonly) return Direction::sendonly;
  return offered;
}

// What we would agree on for this m-line, without a text; or why it will not do.
tl::expected<Answer, std::string> agree(const SdpMedia& media, const SdpTerms& terms) {
  if (media.port == 0) return tl::unexpected<std::string>{"its audio is switched off (port 0)"};
  if (media.proto != "RTP/AVP" && media.proto != "RTP/AVPF")
    return tl::unexpected<std::string>{"its audio wants " + media.proto + ", and only RTP/AVP is spoken here"};
  if (!media.address) return tl::unexpected<std::string>{"its audio has no IP address (c=)"};
  const Address& address = *media.address;
  if (address.is_multicast() || address.is_broadcast())
    return tl::unexpected<std::string>{"its audio address " + address.text() + " is no single host"};
  if (!address.is_unspecified() && address.is_v6() != terms.address.is_v6())
    return tl::unexpected<std::string>{"its audio address " + address.text() + " is of another IP family than ours, " +
                                       terms.address.text()};
  for (const SdpCodec& offered : media.codecs) {
    const auto codec = codec_of(offered, terms.codecs);
    if (!codec) continue;
    Answer answer;
    answer.codec = *codec;
    answer.payload_type = offered.payload_type;
    for (const SdpCodec& event : media.codecs) {
      if (equal_ignoring_case(event.encoding, "telephone-event") && event.clock == 8000 &&
          event.payload_type != answer.payload_type && !answer.event_payload_type)
        answer.event_payload_type = event.payload_type;
    }
    answer.remote = {address, media.port};
    answer.direction = mirrored(media.direction);
    // RFC 3264 8.4: c=0.0.0.0 is the hold of old; nothing may be sent there.
    if (address.is_unspecified())
      answer.direction = media.direction == Direction::sendrecv   ? Direction::recvonly
                         : media.direction == Direction::recvonly ? Direction::inactive
                                                                  : answer.direction;
    answer.receives = answer.direction == Direction::sendrecv || answer.direction == Direction::sendonly;
    return answer;
  }
  return tl::unexpected<std::string>{"none of its audio codecs is accepted here"};
}

struct Chosen {
  std::size_t line = 0;
  Answer answer;
};

// The first audio m-line that will do; else why the first audio m-line will not.
tl::expected<Chosen, std::string> choose(const Sdp& sdp, const SdpTerms& terms) {
  std::optional<std::string> why;
  for (std::size_t i = 0; i < sdp.media.size(); ++i) {
    if (sdp.media[i].kind != "audio") continue;
    auto answer = agree(sdp.media[i], terms);
    if (answer) return Chosen{i, std::move(*answer)};
    if (!why) why = std::move(answer.error());
  }
  return tl::unexpected<std::string>{why.value_or("it offers no audio")};
}

}  // namespace

tl::expected<Answer, std::string> answer_offer(const Sdp& offer, const SdpTerms& terms) {
  auto chosen = choose(offer, terms);
  if (!chosen) return tl::unexpected<std::string>{std::move(chosen.error())};
  Answer& answer = chosen->answer;
  answer.text = session_lines(terms);
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    const SdpMedia& media = offer.media[i];
    if (i != chosen->line) {
      answer.text += "m=" + media.kind + " 0 " + media.proto + " " + media.formats.front() + "\r\n";
      continue;
    }
    answer.text += "m=audio " + std::to_string(terms.port) + " " + media.proto + " " +
                   std::to_string(answer.payload_type) +
                   (answer.event_payload_type ? " " + std::to_string(*answer.event_payload_type) : "") + "\r\n" +
                   rtpmap_line(answer.payload_type, encoding_name(answer.codec)) +
                   (answer.event_payload_type ? event_lines(*answer.event_payload_type) : "") +
                   "a=ptime:20\r\na=" + std::string{to_text(answer.direction)} + "\r\n";
  }
  return std::move(answer);
}

std::string our_offer(const SdpTerms& terms) {
  std::string types;
  std::string maps;
  for (const Codec codec : terms.codecs) {
    const auto type = static_cast<std::uint8_t>(static_payload_type(codec));
    types += " " + std::to_string(type);
    maps += rtpmap_line(type, encoding_name(codec));
  }
  return session_lines(terms) + "m=audio " + std::to_string(terms.port) + " RTP/AVP" + types + " " +
         std::to_string(kOurEventType) + "\r\n" + maps + event_lines(kOurEventType) + "a=ptime:20\r\na=sendrecv\r\n";
}

tl::expected<Answer, std::string> accept_answer(const Sdp& answer, const SdpTerms& terms) {
  auto chosen = choose(answer, terms);
  if (!chosen) return tl::unexpected<std::string>{std::move(chosen.error())};
  if (chosen->line != 0) return tl::unexpected<std::string>{"it answers an m-line that was not offered"};
  return std::move(chosen->answer);
}

}  // namespace sip2mail
