#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <numbers>

#include "src/audio/resampler.hpp"
#include "src/media/g711.hpp"
#include "src/media/prompt.hpp"
#include "src/media/sound_level.hpp"

namespace sip2mail {
namespace {

std::vector<std::int16_t> sine(double amplitude, Delay length, int rate = 8000, double frequency = 440) {
  std::vector<std::int16_t> out;
  for (int i = 0; i < length.count() * rate / 1000; ++i)
    out.push_back(static_cast<std::int16_t>(
        std::lround(32767 * amplitude * std::sin(2 * std::numbers::pi * frequency * i / rate))));
  return out;
}

TEST(G711, KnowsTheValuesOfTheStandard) {
  EXPECT_EQ(g711_decode(Codec::pcmu, 0xFF), 0);
  EXPECT_EQ(g711_decode(Codec::pcmu, 0x80), 32124);
  EXPECT_EQ(g711_decode(Codec::pcmu, 0x00), -32124);
  EXPECT_EQ(g711_decode(Codec::pcma, 0xD5), 8);
  EXPECT_EQ(g711_decode(Codec::pcma, 0x55), -8);
  EXPECT_EQ(g711_decode(Codec::pcma, 0xAA), 32256);
  EXPECT_EQ(g711_decode(Codec::pcma, 0x2A), -32256);
}

TEST(G711, GivesBackEveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto b = static_cast<std::uint8_t>(byte);
    EXPECT_EQ(g711_encode(Codec::pcma, g711_decode(Codec::pcma, b)), b);
    if (b != 0x7F) {  // the negative zero of the mu-law
      EXPECT_EQ(g711_encode(Codec::pcmu, g711_decode(Codec::pcmu, b)), b);
    }
  }
}

TEST(G711, EncodesEverySampleToTheNearest) {
  for (const Codec codec : {Codec::pcmu, Codec::pcma}) {
    for (int sample = -32768; sample <= 32767; ++sample) {
      const int back = g711_decode(codec, g711_encode(codec, static_cast<std::int16_t>(sample)));
      ASSERT_LE(std::abs(back - sample), std::max(16, std::abs(sample) / 24)) << sample;
    }
  }
}

TEST(Prompt, BeepsSoftly) {
  const auto samples = beep(8000);
  ASSERT_EQ(samples.size(), 3200U);
  EXPECT_EQ(samples.front(), 0);
  EXPECT_LT(std::abs(samples.back()), 100);
  SoundLevel level{8000};
  level.add(samples);
  EXPECT_NEAR(level.loudest_dbfs(), -12, 0.5);
}

TEST(Prompt, MakesFramesOfTwentyMilliseconds) {
  const auto frames = encode_frames(sine(0.5, 45ms), Codec::pcma);
  ASSERT_EQ(frames.size(), 3U);
  for (const std::string& frame : frames) EXPECT_EQ(frame.size(), 160U);
  EXPECT_EQ(frames[2].back(), static_cast<char>(0xD5));  // filled up with silence
}

TEST(Resample, NeitherShiftsNorLoses) {
  const auto from = sine(0.5, 1000ms, 16000);
  const auto to = resample(from, 16000, 8000);
  ASSERT_EQ(to.size(), 8000U);
  for (std::size_t i = 200; i < 7800; ++i) ASSERT_NEAR(to[i], from[2 * i], 200) << i;
  EXPECT_EQ(resample(from, 8000, 8000), from);
}

TEST(SoundLevel, MeasuresTheLoudestFrame) {
  SoundLevel level{8000};
  EXPECT_EQ(level.loudest_dbfs(), -100);
  level.add(sine(0.1, 1s));
  level.add(sine(0.5, 40ms));
  level.add(sine(0.01, 1s));
  EXPECT_NEAR(level.loudest_dbfs(), 20 * std::log10(0.5) - 3.01, 0.3);
}

TEST(SoundLevel, CountsSilenceFromTheBeginning) {
  SoundLevel level{8000};
  level.add(std::vector<std::int16_t>(8000 * 3));
  EXPECT_EQ(level.silent_for(), 3s);
  EXPECT_FALSE(level.speech());
}

TEST(SoundLevel, StartsAnewAfterEachWord) {
  SoundLevel level{8000};
  level.add(std::vector<std::int16_t>(8000));
  level.add(sine(0.05, 300ms));
  EXPECT_EQ(level.silent_for(), 0s);
  EXPECT_TRUE(level.speech());
  level.add(sine(0.0005, 2s));  // -69 dBFS: the noise of a line
  EXPECT_EQ(level.silent_for(), 2s);
}

TEST(SoundLevel, GetsUsedToASteadyNoise) {
  SoundLevel level{8000};
  level.add(sine(0.005, 30s));  // -49 dBFS
  EXPECT_GT(level.silent_for(), 20s);
}

TEST(SoundLevel, NeverTakesClearSoundForSilence) {
  SoundLevel level{8000};
  level.add(sine(0.1, 120s));
  EXPECT_EQ(level.silent_for(), 0s);
}

TEST(SoundLevel, AClickIsNoSpeech) {
  SoundLevel level{8000};
  level.add(sine(0.5, 60ms));
  level.add(std::vector<std::int16_t>(8000));
  EXPECT_FALSE(level.speech());
}

}  // namespace
}  // namespace sip2mail
