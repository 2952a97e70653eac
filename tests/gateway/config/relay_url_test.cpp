#include "gateway/config/relay_url.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

using Scheme = RelayUrl::Scheme;

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

TEST(RelayUrl, KnowsThePortsOfTheEncryptedWays) {
  const auto starttls = read_relay_url("smtp+starttls://h");
  EXPECT_TRUE(starttls->scheme == Scheme::starttls && starttls->port == 587 && starttls->is_encrypted());
  const auto smtps = read_relay_url("smtps://h/");
  EXPECT_TRUE(smtps->scheme == Scheme::smtps && smtps->port == 465 && smtps->is_encrypted());
  EXPECT_FALSE(read_relay_url("smtp://h")->is_encrypted());
}

TEST(RelayUrl, KnowsLoopback) {
  for (const char* here : {"smtp://127.0.0.1", "smtp://[::1]:26", "smtps://LocalHost"})
    EXPECT_TRUE(read_relay_url(here)->is_on_loopback()) << here;
  for (const char* beyond : {"smtp://192.0.2.1", "smtp://[2001:db8::1]", "smtp://localhost.example.com"})
    EXPECT_FALSE(read_relay_url(beyond)->is_on_loopback()) << beyond;
}

TEST(RelayUrl, SaysWhatIsWrong) {
  for (const char* wrong : {"", "mail.example.com", "smtp:h", "smtp://", "smtp://h:", "smtp://h:0", "smtp://h:65536",
                            "smtp://h:25x", "smtp://u:p@h", "smtp://a b", "smtp://[::1", "smtp://[h]:25",
                            "smtp://[::1]25", "starttls://h", "ftp://h", "smtps://", "smtp+starttls:h", "maildir:"}) {
    EXPECT_FALSE(read_relay_url(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace sip2mail
