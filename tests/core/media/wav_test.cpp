#include "src/media/wav.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

using namespace std::string_literals;

std::string wav(int rate, const std::string& data) {
  return wav_header({rate, data.size()}) + data;
}

TEST(Wav, ReadsTheSamplesOfAPrompt) {
  const auto read = read_wav(wav(16000, "\x01\x00\xFF\xFF\x00\x80"s));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->rate, 16000);
  EXPECT_EQ(read->samples, (std::vector<std::int16_t>{1, -1, -32768}));
}

TEST(Wav, PassesOverOtherChunks) {
  std::string file = wav(8000, "\x05\x00"s);
  file.insert(36, "LIST\x03\x00\x00\x00"s + "abc\0"s);  // of odd length: one byte of filling
  const auto read = read_wav(file);
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->samples, std::vector<std::int16_t>{5});
}

TEST(Wav, SaysWhatIsWrongWithAPrompt) {
  std::string file = wav(8000, "\x05\x00"s);
  EXPECT_EQ(read_wav("").error(), "is no WAV file");
  EXPECT_EQ(read_wav("ID3 an mp3 of some length").error(), "is no WAV file");
  EXPECT_EQ(read_wav(file.substr(0, 36)).error(), "has no samples");
  EXPECT_EQ(read_wav(wav(44100, "\x05\x00"s)).error(), "has 44100 Hz, not 8000 or 16000");
  EXPECT_EQ(read_wav(wav(8000, std::string(8000 * 2 * 301, '\0'))).error(), "is longer than five minutes");
  file[22] = 2;
  EXPECT_EQ(read_wav(file).error(), "is not mono");
  file[20] = 7;
  EXPECT_EQ(read_wav(file).error(), "is not 16 bit PCM");
}

TEST(Wav, BelievesTheFileMoreThanItsHeader) {
  std::string file = wav(8000, std::string(10, 'x'));
  const auto found = read_wav_header(file, file.size() + 101);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->data_bytes, 110U);
  EXPECT_FALSE(read_wav_header(file.substr(0, 43), 43));
  EXPECT_FALSE(read_wav_header("x" + file, file.size() + 1));
}

}  // namespace
}  // namespace sip2mail
