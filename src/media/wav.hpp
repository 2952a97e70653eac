// src/media/wav.hpp -- the 44 byte header of a mono PCM16 WAV file: written, read, and mended after a crash; and the
// samples of a prompt.
//
// Pure. A recording grows behind a header whose sizes are wrong until it is sealed; repair() takes the file's true
// size.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

constexpr std::size_t kWavHeader = 44;

struct WavFormat {
  int rate = 8000;               // Hz
  std::uint64_t data_bytes = 0;  // of PCM16, always even
  [[nodiscard]] Delay duration() const {
    return Delay{static_cast<std::int64_t>(data_bytes / 2 * 1000 / static_cast<std::uint64_t>(rate))};
  }
};

[[nodiscard]] std::string wav_header(const WavFormat& format);

// What the file really holds: the header's rate, and data as far as the file goes (sizes in the header are not
// believed). nullopt: no header of ours.
[[nodiscard]] std::optional<WavFormat> read_wav_header(std::string_view first_bytes, std::uint64_t file_bytes);

struct WavSamples {
  int rate = 8000;
  std::vector<std::int16_t> samples;
};

// A whole WAV file of anybody's making, for a prompt: mono PCM16 at 8 or 16 kHz, other chunks are passed over, at most
// five minutes. Else what is wrong with it, in words.
[[nodiscard]] tl::expected<WavSamples, std::string> read_wav(std::string_view file);

}  // namespace sip2mail
