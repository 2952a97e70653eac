#include "src/mail/display.hpp"

#include <gtest/gtest.h>

#include "src/mail/encoded_words.hpp"
#include "src/mail/wording.hpp"

namespace sip2mail {
namespace {

TEST(Display, CountsABegunSecond) {
  EXPECT_EQ(minutes_seconds(0ms), "0:00");
  EXPECT_EQ(minutes_seconds(1ms), "0:01");
  EXPECT_EQ(minutes_seconds(41300ms), "0:42");
  EXPECT_EQ(minutes_seconds(180s), "3:00");
  EXPECT_EQ(minutes_seconds(3723s), "1:02:03");
  EXPECT_EQ(minutes_seconds(-5s), "0:00");
}

TEST(Display, KnowsATelephoneNumber) {
  EXPECT_EQ(tel_uri("+81 3-1234-5678"), "tel:+81312345678");
  EXPECT_EQ(tel_uri("(03) 1234.5678"), "tel:0312345678");
  EXPECT_EQ(tel_uri("2001"), "tel:2001");
  EXPECT_FALSE(tel_uri("taro"));
  EXPECT_FALSE(tel_uri("03;phone-context=x"));
  EXPECT_FALSE(tel_uri("*21#"));
  EXPECT_FALSE(tel_uri("1+2"));
  EXPECT_FALSE(tel_uri(""));
  EXPECT_FALSE(tel_uri(std::string(40, '1')));
}

TEST(Display, ShortensByWholeCharacters) {
  EXPECT_EQ(one_line("長い名前", 4), "長い名前");
  EXPECT_EQ(one_line("長い名前です", 4), "長い名…");
  EXPECT_EQ(one_line(" a\r\n b\t", 10), "a b");
}

TEST(Display, MakesAFileNameForEverySystem) {
  EXPECT_EQ(file_component("../../etc/passwd"), ".._.._etc_passwd");
  EXPECT_EQ(file_component("2001@example.com"), "2001_example.com");
  EXPECT_EQ(file_component("a:b*c?d\"e<f>|g\\h"), "a_b_c_d_e_f__g_h");
  EXPECT_EQ(file_component(""), "_");
  EXPECT_EQ(file_component(std::string(100, '7')).size(), 40U);
}

TEST(Display, NamesAZoneWithoutANameByItsOffset) {
  EXPECT_EQ(zone_name(*Zone::load("Asia/Tokyo"), {}), "JST");
  EXPECT_EQ(zone_name(*Zone::load("America/Sao_Paulo"), {}), "UTC-03:00");
  EXPECT_EQ(zone_name(Zone{}, {}), "UTC");
}

TEST(Wording, FillsEachPlaceOnce) {
  EXPECT_EQ(fill("{a} and {b}", {{"a", "{b}"}, {"b", "2"}}), "{b} and 2");
  EXPECT_EQ(fill("{unknown} {", {{"a", "1"}}), "{unknown} {");
}

TEST(EncodedWords, CutBetweenCharacters) {
  EXPECT_EQ(encoded_words("山田"), "=?utf-8?B?5bGx55Sw?=");
  EXPECT_EQ(encoded_words("01234567890123456789012345678日"),
            "=?utf-8?B?MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2?=\n =?utf-8?B?Nzjml6U=?=");
  EXPECT_EQ(encoded_words(""), "");
  EXPECT_EQ(encoded_words("é\xFF\xBF"), "=?utf-8?B?w6n/vw==?=");
  EXPECT_NE(encoded_words(std::string(100, '\xBF')), "");
}

}  // namespace
}  // namespace sip2mail
