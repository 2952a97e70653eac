#include "src/audio/clean.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace sip2mail {
namespace {

constexpr int kRate = 8000;
using Samples = std::vector<std::int16_t>;

void add(Samples& samples, double seconds, int peak) {
  const auto count = static_cast<std::size_t>(seconds * kRate);
  for (std::size_t i = 0; i < count; ++i) {
    samples.push_back(static_cast<std::int16_t>(std::lround(peak * std::sin(0.5 * static_cast<double>(i)))));
  }
}
Cleaning meter(const Samples& samples) {
  CleanMeter meter{kRate};
  meter.take(samples);
  return meter.result();
}
Samples clean(const Samples& samples) {
  std::size_t at = 0;
  const SampleSource source = cleaned(
      [&](std::span<std::int16_t> block) {
        const std::size_t count = std::min({block.size(), samples.size() - at, std::size_t{333}});
        std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(at), count, block.begin());
        at += count;
        return count;
      },
      meter(samples));
  Samples out;
  Samples block(1000);
  while (const std::size_t count = source(block)) {
    out.insert(out.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
  }
  return out;
}

TEST(Clean, BringsQuietSpeechToMinusThreeDecibels) {
  Samples samples;
  add(samples, 3, 4000);
  const Samples out = clean(samples);
  EXPECT_EQ(out.size(), samples.size());
  EXPECT_NEAR(*std::max_element(out.begin(), out.end()), 23197, 30);
}

TEST(Clean, LeavesLoudSpeechAsItIs) {
  Samples samples;
  add(samples, 3, 30000);
  EXPECT_EQ(clean(samples), samples);
}

TEST(Clean, MakesNoNoiseLouder) {
  Samples samples;
  add(samples, 3, 200);
  EXPECT_EQ(clean(samples), samples);
  EXPECT_EQ(clean({}), Samples{});
}

TEST(Clean, IsNotDeceivedByAClick) {
  Samples samples;
  add(samples, 5, 4000);
  samples[20000] = 32767;
  EXPECT_NEAR(meter(samples).gain, 23197.0 / 4000, 0.05);
  const Samples out = clean(samples);
  EXPECT_EQ(*std::max_element(out.begin(), out.end()), 32767);
}

TEST(Clean, TakesSilenceOffBothEndsButNotOffTheMiddle) {
  Samples samples;
  add(samples, 2, 20);
  add(samples, 1, 8000);
  add(samples, 4, 20);
  add(samples, 1, 8000);
  add(samples, 10, 20);
  EXPECT_EQ(meter(samples).first, 1.5 * kRate);
  EXPECT_EQ(meter(samples).count, 7 * kRate);
  EXPECT_EQ(clean(samples).size(), 7U * kRate);
}

TEST(Clean, CutsNothingWhenTheLineIsNoisy) {
  Samples samples;
  add(samples, 2, 300);
  add(samples, 1, 8000);
  add(samples, 2, 300);
  EXPECT_EQ(meter(samples).count, samples.size());
}

TEST(Clean, GoesNoFurtherThanTwentyDecibels) {
  Samples samples;
  add(samples, 2, 500);
  EXPECT_EQ(meter(samples).gain, 10);
}

}  // namespace
}  // namespace sip2mail
