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

tl::expected<WavSamples, std::string> read_wav(std::string_view file) {
  const auto wrong = [](std::string why) { return tl::unexpected<std::string>{std::move(why)}; };
  if (file.size() < 12 || file.substr(0, 4) != "RIFF" || file.substr(8, 4) != "WAVE") return wrong("is no WAV file");
  WavSamples wav;
  bool format = false;
  for (file.remove_prefix(12); file.size() >= 8;) {
    const std::string_view name = file.substr(0, 4);
    const std::size_t size = get(file, 4, 4);
    const std::string_view body = file.substr(8, size);  // cut at the end of the file
    if (name == "fmt " && body.size() >= 16) {
      if (get(body, 0, 2) != 1 || get(body, 14, 2) != 16) return wrong("is not 16 bit PCM");
      if (get(body, 2, 2) != 1) return wrong("is not mono");
      const std::uint32_t rate = get(body, 4, 4);
      if (rate != 8000 && rate != 16000) return wrong("has " + std::to_string(rate) + " Hz, not 8000 or 16000");
      wav.rate = static_cast<int>(rate);
      format = true;
    } else if (name == "data") {
      if (!format) return wrong("has no format before its samples");
      if (body.size() < 2) return wrong("has no samples");
      if (body.size() / 2 > static_cast<std::size_t>(wav.rate) * 300) return wrong("is longer than five minutes");
      wav.samples.reserve(body.size() / 2);
      for (std::size_t i = 0; i + 1 < body.size(); i += 2)
        wav.samples.push_back(static_cast<std::int16_t>(get(body, i, 2)));
      return wav;
    }
    file.remove_prefix(std::min(8 + size + size % 2, file.size()));
  }
  return wrong("has no samples");
}

}  // namespace sip2mail
