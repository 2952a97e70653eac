#include "gateway/config/environment.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

std::string read(const Environment& environment) {
  const Layer layer = read_environment(environment);
  std::string all;
  for (const Given& given : layer.given) all += given.name() + "=" + given.value + " (" + given.where + ")\n";
  for (const std::string& error : layer.errors) all += "error " + error + "\n";
  for (const std::string& warning : layer.warnings) all += "warning " + warning + "\n";
  return all;
}

TEST(Environment, NamesOptionsInUpperCase) {
  EXPECT_EQ(read({{"SIP2MAIL_RELAY_URL", "maildir:m"}, {"SIP2MAIL_SIP_MAX_CALLS", "5 # no comment"}, {"PATH", "/bin"}}),
            "relay.url=maildir:m (SIP2MAIL_RELAY_URL)\n"
            "sip.max-calls=5 # no comment (SIP2MAIL_SIP_MAX_CALLS)\n");
}

TEST(Environment, FindsTheMailboxBeforeTheLongestKey) {
  EXPECT_EQ(read({{"SIP2MAIL_MAILBOX_1000_EMAIL", "a@b"}}), "mailbox.1000.email=a@b (SIP2MAIL_MAILBOX_1000_EMAIL)\n");
  EXPECT_EQ(read({{"SIP2MAIL_MAILBOX_SALES_EU_NAME", "x"}}),
            "mailbox.sales_eu.name=x (SIP2MAIL_MAILBOX_SALES_EU_NAME)\n");
  EXPECT_EQ(read({{"SIP2MAIL_MAILBOX_DEFAULT_EMAIL", "a@b"}}),
            "mailbox.*.email=a@b (SIP2MAIL_MAILBOX_DEFAULT_EMAIL)\n");
}

TEST(Environment, RefusesAVariableOfOursThatNamesNoOption) {
  EXPECT_EQ(read({{"SIP2MAIL_RELAY_UR", "x"}}),
            "error SIP2MAIL_RELAY_UR: names no option (did you mean SIP2MAIL_RELAY_URL?)\n");
  EXPECT_EQ(read({{"SIP2MAIL_MAILBOX_1000_EMIAL", "x"}}),
            "error SIP2MAIL_MAILBOX_1000_EMIAL: names no option (did you mean SIP2MAIL_MAILBOX_1000_EMAIL?)\n");
  EXPECT_EQ(read({{"SIP2MAIL_MAILBOX_EMAIL", "x"}}),
            "error SIP2MAIL_MAILBOX_EMAIL: names no option (did you mean SIP2MAIL_MAILBOX_DEFAULT_EMAIL?)\n");
  EXPECT_EQ(read({{"SIP2MAIL_RELAY_BACKUP_URK", "x"}}),
            "error SIP2MAIL_RELAY_BACKUP_URK: names no option (did you mean SIP2MAIL_RELAY_BACKUP_URL?)\n");
}

TEST(Environment, IgnoresWithOneWarningWhatKubernetesAndOthersMake) {
  EXPECT_EQ(read({{"SIP2MAIL_SERVICE_HOST", "10.0.0.1"},
                  {"SIP2MAIL_PORT", "tcp://10.0.0.1:5060"},
                  {"SIP2MAIL_RELAY_SERVICE_PORT_SMTP", "25"},
                  {"SIP2MAIL_RELAY_PORT_25_TCP_ADDR", "10.0.0.1"},
                  {"SIP2MAIL_VERSION", "1"}}),
            "warning ignored, as they name no option: SIP2MAIL_PORT, SIP2MAIL_RELAY_PORT_25_TCP_ADDR, "
            "SIP2MAIL_RELAY_SERVICE_PORT_SMTP, SIP2MAIL_SERVICE_HOST, SIP2MAIL_VERSION\n");
}

TEST(Environment, LeavesTheWholeFileAndTheContainerToOthers) {
  EXPECT_EQ(read({{"SIP2MAIL_CONFIG_TEXT", "[sip]"}, {"SIP2MAIL_IN_CONTAINER", "1"}}), "");
}

}  // namespace
}  // namespace sip2mail
