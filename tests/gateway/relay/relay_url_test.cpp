#include "gateway/relay/relay_url.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

TEST(RelayUrl, ReadsHostAndPort) {
  const auto url = read_relay_url("smtp://mail.example.com:2525");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "mail.example.com");
  EXPECT_EQ(url->port, 2525);
  EXPECT_EQ(read_relay_url("SMTP://h/")->port, 25);
  EXPECT_EQ(read_relay_url("smtp://[2001:db8::1]:26")->host, "2001:db8::1");
  EXPECT_EQ(read_relay_url("smtp://[::1]")->port, 25);
  EXPECT_EQ(read_relay_url("maildir:a b/c")->path, "a b/c");
}

TEST(RelayUrl, SaysWhatIsWrong) {
  for (const char* wrong : {"", "mail.example.com", "smtp:h", "smtp://", "smtp://h:", "smtp://h:0", "smtp://h:65536",
                            "smtp://h:25x", "smtp://u:p@h", "smtp://a b", "smtp://[::1", "smtp://[h]:25",
                            "smtp://[::1]25", "smtps://h", "ftp://h", "maildir:"}) {
    EXPECT_TRUE(check_relay_url(wrong)) << wrong;
  }
  EXPECT_FALSE(check_relay_url("smtp://h:25"));
}

}  // namespace
}  // namespace sip2mail
