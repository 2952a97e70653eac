#include "gateway/relay/token_command.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "gateway/base/clock.hpp"

namespace sip2mail {
namespace {

tl::expected<std::string, NoToken> sh(const std::string& script, Delay most = 20s) {
  return run_token_command({"/bin/sh", "-c", script}, most);
}

TEST(TokenCommand, GivesTheFirstLine) {
  EXPECT_EQ(sh("echo ' ya29.a0 '; echo more"), "ya29.a0");
  EXPECT_EQ(run_token_command({"/bin/echo", "-n", "a$HOME;b"}, 20s), "a$HOME;b");
}

TEST(TokenCommand, TellsOurSecretsToNobody) {
  ::setenv("SIP2MAIL_RELAY_PASSWORD", "secret", 1);
  EXPECT_EQ(sh("echo \"x$SIP2MAIL_RELAY_PASSWORD\""), "x");
  ::unsetenv("SIP2MAIL_RELAY_PASSWORD");
}

TEST(TokenCommand, SaysWhyThereIsNone) {
  EXPECT_EQ(sh("echo revoked >&2; echo more >&2; exit 3").error().why, "/bin/sh ended with status 3: revoked");
  EXPECT_EQ(sh("kill -TERM $$").error().why, "/bin/sh was killed by signal 15");
  EXPECT_EQ(sh("true").error().why, "/bin/sh printed no token");
  EXPECT_EQ(sh("echo two words").error().why, "/bin/sh printed no token");
  EXPECT_EQ(run_token_command({"/nowhere/token"}, 20s).error().why,
            "/nowhere/token cannot be run: No such file or directory");
  EXPECT_FALSE(sh("exit 1").error().later);
  EXPECT_TRUE(sh("exit 75").error().later);
}

TEST(TokenCommand, TakesNoEndlessOutput) {
  EXPECT_EQ(sh("head -c 1000000 /dev/zero | tr '\\0' x").error().why, "/bin/sh printed no token");
}

TEST(TokenCommand, EndsWhatTakesTooLongWithAllThatItBegan) {
  const Instant begin = now();
  const auto token = sh("cat /dev/zero > /dev/null & cat /dev/zero > /dev/null", 300ms);
  ASSERT_FALSE(token);
  EXPECT_TRUE(token.error().later);
  EXPECT_EQ(token.error().why, "/bin/sh took longer than 300ms");
  EXPECT_LT(now() - begin, 15s);
}

TEST(TokenCommand, DoesNotWaitForWhatItLeavesRunning) {
  const Instant begin = now();
  const auto token = sh("tail -f /dev/null & echo $!");  // it holds the pipe open
  ASSERT_TRUE(token);
  EXPECT_LT(now() - begin, 15s);
  ::kill(std::stoi(*token), SIGKILL);
}

}  // namespace
}  // namespace sip2mail
