#include "src/base/ids.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

TEST(ItemId, IsAUlid) {
  const std::array<std::uint8_t, 10> random{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE};
  // The example of the ULID specification: 1469918176385 is "01ARYZ6S41".
  EXPECT_EQ(ItemId::make(from_milliseconds(1469918176385), random).text(), "01ARYZ6S41ZZZZZZZZZZZZZZZY");
}

TEST(ItemId, SortsByTime) {
  const std::array<std::uint8_t, 10> random{};
  EXPECT_LT(ItemId::make(from_milliseconds(1000), random), ItemId::make(from_milliseconds(1001), random));
}

TEST(ItemId, ParsesEitherCaseAndNothingElse) {
  EXPECT_EQ(ItemId::parse("01aryz6s41zzzzzzzzzzzzzzzy")->text(), "01ARYZ6S41ZZZZZZZZZZZZZZZY");
  EXPECT_FALSE(ItemId::parse(""));
  EXPECT_FALSE(ItemId::parse("01ARYZ6S41ZZZZZZZZZZZZZZZ"));
  EXPECT_FALSE(ItemId::parse("../../../../../../etc/pass"));
  EXPECT_FALSE(ItemId::parse("81ARYZ6S41ZZZZZZZZZZZZZZZY"));
  EXPECT_FALSE(ItemId::parse("01ARYZ6S41ZZZZZZZZZZZZZZZU"));
}

}  // namespace
}  // namespace sip2mail
