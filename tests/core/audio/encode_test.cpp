#include "src/audio/encode.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <vector>

#include "src/audio/memory_file.hpp"
#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

using Samples = std::vector<std::int16_t>;

// Syllables of a gliding voice with harmonics, four a second, pauses between them.
Samples speech(int rate, double seconds) {
  Samples samples(static_cast<std::size_t>(seconds * rate));
  double phase = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    phase += 2 * std::numbers::pi * (140 + 40 * std::sin(2 * std::numbers::pi * 0.7 * t)) / rate;
    double voice = 0;
    for (int harmonic = 1; harmonic <= 12; ++harmonic) voice += std::sin(harmonic * phase) / harmonic;
    const double envelope = std::max(0.0, std::sin(2 * std::numbers::pi * 2 * t + 3 * std::sin(0.9 * t)));
    samples[i] = static_cast<std::int16_t>(6000 * envelope * voice);
  }
  return samples;
}

std::string wav(const Samples& samples, int rate) {
  std::string file = wav_header({rate, samples.size() * 2});
  for (const std::int16_t sample : samples) {
    file += static_cast<char>(sample & 0xFF);
    file += static_cast<char>(sample >> 8 & 0xFF);
  }
  return file;
}

struct Decoded {
  SF_INFO info{};
  Samples samples;
};
Decoded decode(const Audio& audio) {
  MemoryFile file{*audio.bytes};
  Decoded decoded;
  SNDFILE* sound = file.open(SFM_READ, decoded.info);
  if (sound == nullptr) throw std::runtime_error{sf_strerror(nullptr)};
  Samples block(4096);
  while (const sf_count_t count = sf_read_short(sound, block.data(), 4096)) {
    decoded.samples.insert(decoded.samples.end(), block.begin(), block.begin() + count);
  }
  sf_close(sound);
  return decoded;
}

// How far an MP3 of LAME runs behind its source: encoder delay 576 and decoder delay 529 samples. At 32 kbit/s a frame
// is too small for the Info tag that would let players skip them.
constexpr std::size_t kMp3Delay = 576 + 529;
constexpr std::size_t kFrame = 576;

// Of source and decoded sound at the same moment (each `step`th sample of what is heard is one of the source).
double correlation(const Samples& source, const Samples& heard, std::size_t step, std::size_t delay = kMp3Delay) {
  double both = 0;
  double of_source = 0;
  double of_heard = 0;
  for (std::size_t i = 0; i < source.size() && delay + i * step < heard.size(); ++i) {
    const double a = source[i];
    const double b = heard[delay + i * step];
    both += a * b, of_source += a * a, of_heard += b * b;
  }
  return both / std::sqrt(of_source * of_heard);
}

class Mp3Test : public testing::TestWithParam<int> {};

TEST_P(Mp3Test, SoundsLikeTheRecordingAndIsAsLong) {
  const int rate = GetParam();
  const Samples source = speech(rate, 5.37);
  const Audio audio = encode_mp3(wav(source, rate));
  EXPECT_EQ(audio.type, "audio/mpeg");
  EXPECT_EQ(audio.extension, "mp3");
  EXPECT_EQ(audio.duration, 5370ms);
  const Decoded decoded = decode(audio);
  EXPECT_EQ(decoded.info.samplerate, 16000);
  EXPECT_EQ(decoded.info.channels, 1);
  const std::size_t exact = 5370 * 16;
  EXPECT_GE(decoded.samples.size() + 240, exact + kMp3Delay);  // 15 ms of the end at most
  EXPECT_LE(decoded.samples.size(), exact + 1600);             // 100 ms
  EXPECT_GT(correlation(source, decoded.samples, rate == 8000 ? 2 : 1), 0.9);
}

TEST_P(Mp3Test, BeginsWhereTheRecordingDoesWhenThatBeginsInSilence) {
  const int rate = GetParam();
  Samples source = speech(rate, 5.37);
  source.insert(source.begin(), static_cast<std::size_t>(rate / 5), 0);
  const Audio audio = encode_mp3(wav(source, rate));
  const Decoded decoded = decode(audio);
  EXPECT_NEAR(static_cast<double>(decoded.samples.size()), 5570 * 16, 16 * 40);
  EXPECT_GT(correlation(source, decoded.samples, rate == 8000 ? 2 : 1, 0), 0.9);
}

TEST_P(Mp3Test, IsSmallerWhenARelayRefusedTheSize) {
  const int rate = GetParam();
  const Samples source = speech(rate, 5);
  const std::string file = wav(source, rate);
  const Audio normal = encode_mp3(file);
  const Audio smaller = encode_mp3(file, Mp3Rate::smaller);
  EXPECT_NEAR(static_cast<double>(normal.bytes->size()), 5 * 32000 / 8, 1500);
  EXPECT_NEAR(static_cast<double>(smaller.bytes->size()), 5 * 16000 / 8, 1500);
  EXPECT_GT(correlation(source, decode(smaller).samples, rate == 8000 ? 2 : 1), 0.8);
}

INSTANTIATE_TEST_SUITE_P(Rates, Mp3Test, testing::Values(8000, 16000),
                         [](const auto& test) { return std::to_string(test.param); });

TEST(Mp3, IsMpeg2SoThatEveryMailProgramPlaysIt) {
  const Audio audio = encode_mp3(wav(speech(8000, 1), 8000));
  ASSERT_GT(audio.bytes->size(), 4U);
  // Frame header: 11 bits of sync, version 10 (MPEG-2; 00 would be 2.5), layer 01 (III).
  EXPECT_EQ(static_cast<std::uint8_t>((*audio.bytes)[0]), 0xFF);
  EXPECT_EQ(static_cast<std::uint8_t>((*audio.bytes)[1]) & 0xFE, 0xF2);
}

TEST(Mp3, IsTheSameForTheSameRecording) {
  const std::string file = wav(speech(8000, 2), 8000);
  EXPECT_EQ(*encode_mp3(file).bytes, *encode_mp3(file).bytes);
}

TEST(Mp3, TakesARecordingOfNearlyNothing) {
  EXPECT_EQ(encode_mp3(wav({}, 8000)).duration, 0ms);
  const Audio audio = encode_mp3(wav(Samples(80), 8000));
  EXPECT_EQ(audio.duration, 10ms);
  EXPECT_LT(decode(audio).samples.size(), 16000U);
}

TEST(Mp3, PullsTheSamplesBlockByBlock) {
  std::size_t most = 0;
  std::size_t left = std::size_t{8000} * 20;
  const Audio audio = encode_mp3(
      [&](std::span<std::int16_t> block) {
        most = std::max(most, block.size());
        const std::size_t count = std::min(left, std::min<std::size_t>(block.size(), 777));
        left -= count;
        return count;
      },
      8000);
  EXPECT_EQ(audio.duration, 20s);
  EXPECT_LE(most, 8192U);
}

TEST(Mp3, RefusesWhatIsNoRecording) {
  EXPECT_THROW((void)encode_mp3(std::string_view{"not a WAV file"}), std::runtime_error);
}

TEST(WavAudio, IsTheFileUnchanged) {
  const auto file = std::make_shared<const std::string>(wav(speech(8000, 1.5), 8000));
  const Audio audio = wav_audio(file);
  EXPECT_EQ(audio.bytes, file);
  EXPECT_EQ(audio.type, "audio/wav");
  EXPECT_EQ(audio.extension, "wav");
  EXPECT_EQ(audio.duration, 1500ms);
}

}  // namespace
}  // namespace sip2mail
