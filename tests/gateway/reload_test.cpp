#include "gateway/reload.hpp"

#include "gateway/config/options.hpp"
#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

const std::string kGood = "[mailbox.2001]\nemail = taro@example.com\n[relay]\nurl = smtp://127.0.0.1:25\n";

class ReloadTest : public ConfigTest {
 protected:
  Reloaded after(const std::string& text) {
    const Loaded first = load_text(kGood);
    EXPECT_EQ(joined(first.errors), "");
    return reload(first, [&] { return load_text(text); });
  }
};

TEST_F(ReloadTest, GivesTheNewSettings) {
  const Reloaded next = after(kGood + "[mailbox.2002]\nemail = hanako@example.com\n[log]\nlevel = debug\n");
  ASSERT_TRUE(next.settings);
  EXPECT_EQ(next.settings->mailboxes.size(), 2U);
  EXPECT_EQ(next.settings->log.level, Level::debug);
  EXPECT_TRUE(next.greetings);
  EXPECT_TRUE(next.need_restart.empty());
}

TEST_F(ReloadTest, RefusesWhatIsWrongInTheWordsOfTheStart) {
  const Reloaded next = after(kGood + "[mailbox.2002]\nemial = hanako@example.com\n");
  EXPECT_FALSE(next.settings);
  EXPECT_EQ(joined(next.errors), "F:6: mailbox.2002.emial is no option (did you mean mailbox.2002.email?)");
}

TEST_F(ReloadTest, LeavesWhatIsReadAtTheStartOnlyAndNamesIt) {
  const Reloaded next = after(kGood +
                              "[sip]\nlisten = udp:127.0.0.1:5099\nmax-calls = 7\n[media]\nports = 30000-30099\n"
                              "[queue]\ndirectory = /elsewhere\nmin-free = 1M\n");
  ASSERT_TRUE(next.settings);
  EXPECT_EQ(next.settings->sip.max_calls, 7);
  EXPECT_EQ(next.settings->sip.listen.at(0).local.port, 5060);
  EXPECT_EQ(next.settings->media.ports.first, 20000);
  EXPECT_NE(next.settings->queue.directory, "/elsewhere");
  EXPECT_EQ(next.need_restart,
            (std::vector<std::string>{"sip.listen", "media.ports", "queue.directory", "queue.min-free"}));
}

TEST_F(ReloadTest, LeavesTheMaildirWhereItWas) {
  const std::string bare = "[mailbox.2001]\nemail = taro@example.com\n[queue]\ndirectory = ";
  const Loaded first = load_text(bare + "/one\n");
  const Reloaded next = reload(first, [&] { return load_text(bare + "/two\n"); });
  ASSERT_TRUE(next.settings);
  EXPECT_EQ(next.settings->relays.at(0).url, "maildir:/one/Maildir");
  EXPECT_EQ(next.settings->relays, first.settings.relays);
}

TEST_F(ReloadTest, RefusesAGreetingThatCannotBePlayed) {
  // As when the file goes between the check and the reading of it.
  const Reloaded next = after(kGood + "[call]\ngreeting = /good.wav\n");
  EXPECT_FALSE(next.settings);
  EXPECT_NE(joined(next.errors).find("/good.wav"), std::string::npos);
}

TEST_F(ReloadTest, EveryOptionThatStaysIsOneOfTheTable) {
  std::size_t count = 0;
  for (const Option& option : options()) count += option.at_start() ? 1 : 0;
  EXPECT_EQ(count, 7U);
}

}  // namespace
}  // namespace sip2mail
