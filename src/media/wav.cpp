#include "src/media/wav.hpp"

#include <algorithm>

namespace sip2mail {
namespace {

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

std::uint32_t get(std::string_view in, std::size_t at, std::size_t bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(in[at + i]);
  return value;
}

}  // namespace

std::string wav_header(const WavFormat& format) {
  const std::uint64_t data = std::min<std::uint64_t>(format.data_bytes, 0xFFFFFFFFU - 36);
  const auto rate = static_cast<std::uint64_t>(format.rate);
  std::string out = "RIFF";
  put(out, 36 + data, 4);
  out += "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);         // PCM
  put(out, 1, 2);         // mono
  put(out, rate, 4);      // samples a second
  put(out, rate * 2, 4);  // bytes a second
  put(out, 2, 2);         // block
  put(out, 16, 2);        // bits a sample
  out += "data";
  put(out, data, 4);
  return out;
}

std::optional<WavFormat> read_wav_header(std::string_view first_bytes, std::uint64_t file_bytes) {
  if (first_bytes.size() < kWavHeader || file_bytes < kWavHeader) return std::nullopt;
  if (first_bytes.substr(0, 4) != "RIFF" || first_bytes.substr(8, 8) != "WAVEfmt " ||
      first_bytes.substr(36, 4) != "data" || get(first_bytes, 20, 2) != 1 || get(first_bytes, 22, 2) != 1 ||
      get(first_bytes, 34, 2) != 16)
    return std::nullopt;
  const std::uint32_t rate = get(first_bytes, 24, 4);
  if (rate != 8000 && rate != 16000) return std::nullopt;
  return WavFormat{static_cast<int>(rate), (file_bytes - kWavHeader) / 2 * 2};
}

}  // namespace sip2mail
