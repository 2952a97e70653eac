#include "src/media/sdp_reader.hpp"

#include <algorithm>
#include <charconv>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;
constexpr std::size_t kMostLines = 2000;
constexpr std::size_t kMostMedia = 32;
constexpr std::size_t kMostFormats = 64;
constexpr std::size_t kLongestToken = 64;
constexpr std::size_t kLongestFmtp = 512;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The token of RFC 4566 9, and '/' for a proto: what may stand in our answer as it is.
bool is_token(std::string_view text, bool slash = false) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`{|}~";
  return !text.empty() && text.size() <= kLongestToken && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           marks.find(c) != std::string_view::npos || (slash && c == '/');
  });
}

// Cuts the first word off; empty when there is none.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

class SdpReading {
 public:
  [[nodiscard]] std::optional<std::string> line(std::string_view text) {  // what is wrong with it
    const std::string_view value = trim(text.substr(2));
    if (text[0] == 'm') return media_line(value);
    if (text[0] == 'c') connection_line(value);
    if (text[0] == 'a') attribute_line(value);
    return std::nullopt;
  }

  Sdp finish() {
    for (std::size_t i = 0; i < sdp_.media.size(); ++i) {
      SdpMedia& media = sdp_.media[i];
      if (!has_connection_[i]) media.address = session_address_;
      if (!has_direction_[i]) media.direction = session_direction_;
      std::erase_if(media.codecs, [](const SdpCodec& codec) { return codec.encoding.empty(); });
    }
    return std::move(sdp_);
  }
  [[nodiscard]] bool has_media() const { return !sdp_.media.empty(); }

 private:
  std::optional<std::string> media_line(std::string_view value) {
    if (sdp_.media.size() >= kMostMedia) return "more than 32 m-lines";
    SdpMedia media;
    const std::string_view kind = next_word(value);
    std::string_view port = next_word(value);
    const std::string_view proto = next_word(value);
    port = port.substr(0, port.find('/'));  // the number of ports does not concern us
    const auto number = parse_number<std::uint16_t>(port);
    if (!is_token(kind) || !is_token(proto, true)) return "an m-line without medium or transport";
    if (!number) return "an m-line whose port is not 0 to 65535";
    media.kind = lower(kind);
    media.port = *number;
    media.proto = proto;
    for (std::string_view format = next_word(value); !format.empty(); format = next_word(value)) {
      if (media.formats.size() >= kMostFormats) return "an m-line with more than 64 formats";
      if (!is_token(format)) return "an m-line with a format that is no token";
      media.formats.emplace_back(format);
      if (media.is_rtp()) add_payload_type(media, format);
    }
    if (media.formats.empty()) return "an m-line without a format";
    sdp_.media.push_back(std::move(media));
    has_connection_.push_back(false);
    has_direction_.push_back(false);
    return std::nullopt;
  }

  static void add_payload_type(SdpMedia& media, std::string_view format) {
    const auto type = parse_number<std::uint8_t>(format);
    if (!type || *type > 127) return;
    SdpCodec codec;
    codec.payload_type = *type;
    if (*type == 0) codec.encoding = "PCMU";  // RFC 3551 6: these two need no rtpmap
    if (*type == 8) codec.encoding = "PCMA";
    media.codecs.push_back(std::move(codec));
  }

  // c=IN IP4 192.0.2.1, c=IN IP6 2001:db8::1, multicast with /ttl. A name is not looked up: no address.
  void connection_line(std::string_view value) {
    const std::string_view net = next_word(value);
    const std::string_view family = next_word(value);
    std::string_view host = next_word(value);
    host = host.substr(0, host.find('/'));
    std::optional<Address> address;
    if (net == "IN" && (family == "IP4" || family == "IP6")) address = Address::parse(host);
    if (sdp_.media.empty()) {
      session_address_ = address;
    } else if (!has_connection_.back()) {
      sdp_.media.back().address = address;
      has_connection_.back() = true;
    }
  }

  void attribute_line(std::string_view value) {
    const std::size_t colon = std::min(value.find(':'), value.size());
    const std::string_view name = value.substr(0, colon);
    const std::string_view rest = trim(value.substr(std::min(colon + 1, value.size())));
    for (const Direction direction :
         {Direction::sendrecv, Direction::sendonly, Direction::recvonly, Direction::inactive}) {
      if (name != to_text(direction)) continue;
      if (!sdp_.media.empty()) has_direction_.back() = true;
      (sdp_.media.empty() ? session_direction_ : sdp_.media.back().direction) = direction;
    }
    if (sdp_.media.empty()) return;
    SdpMedia& media = sdp_.media.back();
    if (name == "rtpmap") rtpmap(media, rest);
    if (name == "fmtp") fmtp(media, rest);
    if (name == "ptime") media.ptime = parse_number<std::uint32_t>(rest);
    if (name == "rtcp") media.rtcp_port = parse_number<std::uint16_t>(rest.substr(0, rest.find(' ')));
    if (name == "rtcp-mux") media.rtcp_mux = true;
    if (name == "crypto") media.crypto = true;
  }

  static SdpCodec* find(SdpMedia& media, std::string_view payload_type) {
    const auto type = parse_number<std::uint8_t>(payload_type);
    const auto found = std::find_if(media.codecs.begin(), media.codecs.end(),
                                    [&](const SdpCodec& codec) { return type && codec.payload_type == *type; });
    return found == media.codecs.end() ? nullptr : &*found;
  }

  // "111 opus/48000/2"; one that does not read so, or that speaks of no format here, is not ours to judge.
  static void rtpmap(SdpMedia& media, std::string_view value) {
    SdpCodec* codec = find(media, next_word(value));
    const std::vector<std::string> parts = split_list(next_word(value), '/');
    if (codec == nullptr || parts.size() < 2 || !is_token(parts[0])) return;
    const auto clock = parse_number<std::uint32_t>(parts[1]);
    const auto channels = parts.size() > 2 ? parse_number<std::uint32_t>(parts[2]) : std::optional{1U};
    if (!clock || !channels) return;
    codec->encoding = parts[0];
    codec->clock = *clock;
    codec->channels = *channels;
  }

  static void fmtp(SdpMedia& media, std::string_view value) {
    SdpCodec* codec = find(media, next_word(value));
    if (codec != nullptr) codec->fmtp = trim(value).substr(0, kLongestFmtp);
  }

  Sdp sdp_;
  std::vector<bool> has_connection_;
  std::vector<bool> has_direction_;
  std::optional<Address> session_address_;
  Direction session_direction_ = Direction::sendrecv;
};

}  // namespace

std::string_view to_text(Direction direction) {
  switch (direction) {
    case Direction::sendrecv:
      return "sendrecv";
    case Direction::sendonly:
      return "sendonly";
    case Direction::recvonly:
      return "recvonly";
    case Direction::inactive:
      break;
  }
  return "inactive";
}

bool SdpMedia::is_rtp() const {
  return proto.find("RTP/") != std::string::npos;
}

tl::expected<Sdp, std::string> read_sdp(std::string_view text) {
  if (text.size() > kMostBytes) return tl::unexpected<std::string>{"a session description of more than 64 KiB"};
  SdpReading reading;
  bool version = false;
  std::size_t lines = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.size() < 2 || line[1] != '=') continue;
    if (++lines > kMostLines) return tl::unexpected<std::string>{"a session description of more than 2000 lines"};
    version = version || line[0] == 'v';
    if (!version) break;
    if (auto wrong = reading.line(line)) return tl::unexpected<std::string>{std::move(*wrong)};
  }
  if (!version) return tl::unexpected<std::string>{"no session description: it does not begin with v="};
  if (!reading.has_media()) return tl::unexpected<std::string>{"a session description without an m-line"};
  return reading.finish();
}

}  // namespace sip2mail
