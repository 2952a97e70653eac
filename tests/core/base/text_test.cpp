#include "src/base/text.hpp"

#include <gtest/gtest.h>

#include "src/base/network.hpp"
#include "src/base/time.hpp"

namespace sip2mail {
namespace {

TEST(ValidUtf8, ReplacesEachInvalidByte) {
  EXPECT_EQ(valid_utf8("山田"), "山田");
  EXPECT_EQ(valid_utf8("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(valid_utf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong
  EXPECT_EQ(valid_utf8("\xED\xA0\x80").size(), 9U);               // surrogate
  EXPECT_EQ(valid_utf8("\xE5\xB1"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // cut short
}

TEST(Printable, IsOneHarmlessLine) {
  EXPECT_EQ(printable("  a\r\n\tb  "), "a b");
  EXPECT_EQ(printable("a\x1b[31m\x7f"), "a[31m");
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b\xE2\x80\xA8"
                      "c"),
            "ab c");  // bidi override, line separator
  EXPECT_EQ(printable("山田太郎", 7), "山田");
  EXPECT_EQ(printable(std::string_view{"a\0b", 3}), "ab");
}

TEST(PercentDecode, DecodesOnce) {
  EXPECT_EQ(percent_decode("a%2541"), "a%41");
  EXPECT_FALSE(percent_decode("a%4"));
  EXPECT_FALSE(percent_decode("a%zz"));
}

TEST(Address, KnowsMappedAddressesAsIpv4) {
  EXPECT_EQ(Address::parse("::ffff:192.0.2.1"), Address::parse("192.0.2.1"));
  EXPECT_EQ(Address::parse("[2001:DB8::1]")->uri_host(), "[2001:db8::1]");
  EXPECT_FALSE(Address::parse("example.com"));
  EXPECT_FALSE(Address::parse("1.2.3"));
}

TEST(Network, ContainsByPrefix) {
  EXPECT_TRUE(Network::parse("172.16.0.0/12")->contains(*Address::parse("172.31.255.255")));
  EXPECT_FALSE(Network::parse("172.16.0.0/12")->contains(*Address::parse("172.32.0.0")));
  EXPECT_TRUE(Network::parse("::1")->contains(*Address::parse("::1")));
  EXPECT_FALSE(Network::parse("::/0")->contains(*Address::parse("127.0.0.1")));
  EXPECT_FALSE(Network::parse("10.0.0.0/33"));
  EXPECT_FALSE(Network::parse("10.0.0.0/"));
}

TEST(Duration, ParsesWhatItPrints) {
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("5d"), std::chrono::hours{120});
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_FALSE(parse_duration("5"));
  EXPECT_FALSE(parse_duration("-5s"));
  EXPECT_FALSE(parse_duration("99999999999999999999s"));
  EXPECT_FALSE(parse_duration("999999d"));
  EXPECT_EQ(to_duration(90s), "90s");
  EXPECT_EQ(to_duration(120s), "2m");
}

TEST(Utc, IsRfc3339) {
  EXPECT_EQ(to_utc(from_milliseconds(1772325000125)), "2026-03-01T00:30:00Z");
  EXPECT_EQ(to_utc_milliseconds(from_milliseconds(1772325000125)), "2026-03-01T00:30:00.125Z");
}

}  // namespace
}  // namespace sip2mail
