#include "src/media/g711.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace sip2mail {
namespace {

// ITU-T G.711, on a 16 bit scale: three bits of segment, four bits of step inside it, sent inverted.
constexpr int kMuLawBias = 0x84;

constexpr std::int16_t mu_law_value(std::uint8_t byte) {
  const int bits = ~byte & 0xFF;
  const int magnitude = ((((bits & 0x0F) << 3) + kMuLawBias) << (bits >> 4 & 7)) - kMuLawBias;
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? -magnitude : magnitude);
}

// Segments as above; every second bit is sent inverted, and here a set sign bit is positive.
constexpr std::int16_t a_law_value(std::uint8_t byte) {
  const int bits = byte ^ 0x55;
  const int segment = bits >> 4 & 7;
  const int step = (bits & 0x0F) << 4;
  const int magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return static_cast<std::int16_t>((bits & 0x80) != 0 ? magnitude : -magnitude);
}

template <std::int16_t (*value)(std::uint8_t)>
constexpr std::array<std::int16_t, 256> table() {
  std::array<std::int16_t, 256> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = value(static_cast<std::uint8_t>(i));
  return out;
}

constexpr auto kMuLaw = table<mu_law_value>();
constexpr auto kALaw = table<a_law_value>();

constexpr const std::array<std::int16_t, 256>& values(Codec codec) {
  return codec == Codec::pcmu ? kMuLaw : kALaw;
}

// The number of the highest set bit above bit 7: the segment.
int segment_of(int magnitude) {
  return std::max(0, static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 8);
}

std::uint8_t mu_law_byte(int sample) {
  const int sign = sample < 0 ? 0x80 : 0;
  const int magnitude = std::min(sample < 0 ? -sample : sample, 32635) + kMuLawBias;
  const int segment = segment_of(magnitude);
  return static_cast<std::uint8_t>(~(sign | segment << 4 | (magnitude >> (segment + 3) & 0x0F)));
}

std::uint8_t a_law_byte(int sample) {
  const int sign = sample < 0 ? 0 : 0x80;
  const int magnitude = std::min(sample < 0 ? -sample - 1 : sample, 32767);
  const int segment = segment_of(magnitude);
  const int step = magnitude >> (segment == 0 ? 4 : segment + 3) & 0x0F;
  return static_cast<std::uint8_t>((sign | segment << 4 | step) ^ 0x55);
}

}  // namespace

std::int16_t g711_decode(Codec codec, std::uint8_t byte) {
  return values(codec)[byte];
}

std::uint8_t g711_encode(Codec codec, std::int16_t sample) {
  return codec == Codec::pcmu ? mu_law_byte(sample) : a_law_byte(sample);
}

void g711_decode(Codec codec, std::span<const std::uint8_t> bytes, std::span<std::int16_t> out) {
  const auto& table_of_codec = values(codec);
  std::transform(bytes.begin(), bytes.end(), out.begin(), [&](std::uint8_t byte) { return table_of_codec[byte]; });
}

}  // namespace sip2mail
