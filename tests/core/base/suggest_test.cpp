#include "src/base/suggest.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

TEST(Suggest, FindsTheWordThatWasMeant) {
  const std::vector<std::string> known{"listen", "trusted", "max-calls", "max-rate"};
  EXPECT_EQ(nearest("lisen", known), "listen");
  EXPECT_EQ(nearest("LISTEN", known), "listen");
  EXPECT_EQ(nearest("max_calls", known), "max-calls");
  EXPECT_EQ(nearest("lsiten", known), "listen");
  EXPECT_EQ(did_you_mean("trustd", known), " (did you mean trusted?)");
}

TEST(Suggest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest("password", {"listen", "trusted"}), "");
  EXPECT_EQ(nearest("", {"listen"}), "");
  EXPECT_EQ(nearest(std::string(5000, 'l'), {"listen"}), "");
  EXPECT_EQ(did_you_mean("password", {"listen"}), "");
}

}  // namespace
}  // namespace sip2mail
