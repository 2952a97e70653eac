#include "src/audio/encode.hpp"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "src/audio/memory_file.hpp"
#include "src/audio/mp3_length.hpp"
#include "src/audio/resampler.hpp"
#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

constexpr int kMp3Rate = 16000;

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};
using Sound = std::unique_ptr<SNDFILE, Close>;

[[noreturn]] void fail(SNDFILE* file) {
  throw std::runtime_error{std::string{"cannot encode MP3: "} + sf_strerror(file)};
}

Sound open_mp3(MemoryFile& file, Mp3Rate bits) {
  SF_INFO info{};
  info.samplerate = kMp3Rate;
  info.channels = 1;
  info.format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
  Sound sound{file.open(SFM_WRITE, info)};
  if (!sound) fail(nullptr);
  // libsndfile spreads 0..1 over MPEG-2's 160..8 kbit/s, cut to whole ones, and wants the level before the mode.
  double level = (160.0 - static_cast<double>(bits) - 0.5) / (160.0 - 8.0);
  // Some mail programs show a wrong length and cannot seek when the rate varies.
  int mode = SF_BITRATE_MODE_CONSTANT;
  if (sf_command(sound.get(), SFC_SET_COMPRESSION_LEVEL, &level, sizeof level) != SF_TRUE ||
      sf_command(sound.get(), SFC_SET_BITRATE_MODE, &mode, sizeof mode) != SF_TRUE) {
    fail(sound.get());
  }
  return sound;
}

SampleSource samples_of(std::string_view data) {
  return [data](std::span<std::int16_t> block) mutable {
    const std::size_t count = std::min(block.size(), data.size() / 2);
    for (std::size_t i = 0; i < count; ++i) {
      const unsigned low = static_cast<std::uint8_t>(data[2 * i]);
      const unsigned high = static_cast<std::uint8_t>(data[2 * i + 1]);
      block[i] = static_cast<std::int16_t>(high << 8 | low);
    }
    data.remove_prefix(2 * count);
    return count;
  };
}

WavFormat format_of(std::string_view wav_file) {
  const auto format = read_wav_header(wav_file.substr(0, kWavHeader), wav_file.size());
  if (!format) throw std::runtime_error{"not a recording: no header of a mono PCM16 WAV file"};
  return *format;
}

}  // namespace

Audio encode_mp3(const SampleSource& next, int rate, Mp3Rate bits) {
  MemoryFile file;
  Resampler resampler{rate, kMp3Rate};
  std::uint64_t heard = 0;
  {
    const Sound sound = open_mp3(file, bits);
    Mp3Length length{[&](std::span<const std::int16_t> samples) {
      const auto count = static_cast<sf_count_t>(samples.size());
      if (sf_write_short(sound.get(), samples.data(), count) != count) fail(sound.get());
    }};
    const auto write = [&](std::span<const std::int16_t> samples) {
      length.take(samples);
      heard += samples.size();
    };
    std::array<std::int16_t, 4096> block{};
    while (const std::size_t count = next(block)) write(resampler.take(std::span{block}.first(count)));
    write(resampler.flush());
    length.finish();
  }
  const auto milliseconds = static_cast<std::int64_t>(heard * 1000 / kMp3Rate);
  return {"audio/mpeg", "mp3", std::make_shared<const std::string>(file.take()), Delay{milliseconds}};
}

Audio encode_mp3(std::string_view wav_file, Mp3Rate bits) {
  const WavFormat format = format_of(wav_file);
  const std::string_view data = wav_file.substr(kWavHeader, static_cast<std::size_t>(format.data_bytes));
  CleanMeter meter{format.rate};
  const SampleSource listened = samples_of(data);
  std::array<std::int16_t, 4096> block{};
  while (const std::size_t count = listened(block)) meter.take(std::span{block}.first(count));
  return encode_mp3(cleaned(samples_of(data), meter.result()), format.rate, bits);
}

Audio wav_audio(std::shared_ptr<const std::string> wav_file) {
  const Delay duration = format_of(*wav_file).duration();
  return {"audio/wav", "wav", std::move(wav_file), duration};
}

}  // namespace sip2mail
