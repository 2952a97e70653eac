#include "src/text/dedupe.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

constexpr DedupeFields kFields{"a84b4c76e66710", 1, "MESSAGE", "1928301774", "2001", "hello"};

TEST(DedupeKey, IsTheSameForACopy) {
  EXPECT_EQ(dedupe_key(kFields), dedupe_key(kFields));
}

TEST(DedupeKey, DiffersWhenAnyFieldDoes) {
  DedupeFields other = kFields;
  other.call_id = "a84b4c76e66711";
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
  other = kFields, other.cseq = 2;
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
  other = kFields, other.method = "INVITE";
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
  other = kFields, other.from_tag = "";
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
  other = kFields, other.mailbox = "2002";
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
  other = kFields, other.body = "hello!";
  EXPECT_NE(dedupe_key(other), dedupe_key(kFields));
}

TEST(DedupeKey, KeepsNeighbouringFieldsApart) {
  DedupeFields left = kFields;
  DedupeFields right = kFields;
  left.from_tag = "12", left.mailbox = "3";
  right.from_tag = "1", right.mailbox = "23";
  EXPECT_NE(dedupe_key(left), dedupe_key(right));
}

TEST(DedupeKey, StaysWhatItWasAcrossReleases) {  // it is stored: a change would mail copies twice after an upgrade
  const auto key = dedupe_key({});
  std::string hex;
  for (const std::uint8_t byte : key) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  // SHA-256 of 48 zero bytes.
  EXPECT_EQ(hex, "17b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1");
}

}  // namespace
}  // namespace sip2mail
