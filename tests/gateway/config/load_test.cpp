#include "gateway/config/load.hpp"

#include <algorithm>

#include "gateway/config/reference.hpp"
#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

using LoadTest = ConfigTest;

constexpr const char* kSite =
    "[mailbox.2001]\nemail = taro@example.com, office@example.com\nname = 山田\n"
    "[relay]\nurl = smtp://mail.example.com:25\n[mail]\nfrom = voicemail@example.com\n";

TEST_F(LoadTest, ReadsASite) {
  const Loaded loaded = load_text(kSite);
  EXPECT_EQ(joined(loaded.errors), "");
  EXPECT_EQ(joined(loaded.warnings), "");
  ASSERT_EQ(loaded.settings.mailboxes.size(), 1U);
  const Mailbox& mailbox = loaded.settings.mailboxes[0];
  EXPECT_EQ(mailbox.id, "2001");
  EXPECT_EQ(mailbox.email, (std::vector<std::string>{"taro@example.com", "office@example.com"}));
  EXPECT_EQ(mailbox.name, "山田");
  EXPECT_EQ(joined({mailbox.where}), "F:2");
  EXPECT_TRUE(loaded.settings.relay_is_set);
  ASSERT_EQ(loaded.settings.relays.size(), 1U);
  EXPECT_EQ(loaded.settings.relays[0].name, "default");
  EXPECT_EQ(loaded.settings.relays[0].url, "smtp://mail.example.com:25");
  EXPECT_EQ(loaded.settings.mail.from, "voicemail@example.com");
}

TEST_F(LoadTest, HasTheDefaultsOfTheContract) {
  const Settings s = load({}, machine_).settings;
  EXPECT_EQ(s.sip.listen.size(), 2U);
  EXPECT_EQ(s.sip.listen[0].local.text(), "0.0.0.0:5060");
  EXPECT_EQ(s.sip.listen[1].transport, Transport::tcp);
  EXPECT_EQ(s.sip.trusted.size(), 7U);
  EXPECT_FALSE(s.sip.trusted_is_set);
  EXPECT_EQ(s.sip.max_calls, 500);
  EXPECT_EQ(s.sip.max_rate, 0);
  EXPECT_EQ(s.media.ports.first, 20000);
  EXPECT_EQ(s.media.ports.last, 20999);
  EXPECT_EQ(s.media.codecs, (std::vector{Codec::pcma, Codec::pcmu}));
  EXPECT_EQ(s.media.timeout, 30s);
  EXPECT_TRUE(s.call.beep);
  EXPECT_EQ(s.call.max_length, 180s);
  EXPECT_EQ(s.call.min_length, 1s);
  EXPECT_EQ(s.call.silence, 10s);
  EXPECT_EQ(s.call.finish_keys, "#");
  EXPECT_TRUE(s.call.notify_missed);
  EXPECT_EQ(s.message.max_size, 65536U);
  EXPECT_EQ(s.queue.directory, "/var/lib/sip2mail");
  EXPECT_EQ(s.queue.retry.size(), 7U);
  EXPECT_EQ(s.queue.lifetime, 5 * std::chrono::hours{24});
  EXPECT_EQ(s.queue.keep_failed, 0s);
  EXPECT_EQ(s.queue.min_free, 256U << 20);
  EXPECT_EQ(s.relays.at(0).name, "builtin");
  EXPECT_EQ(s.relays.at(0).url, "maildir:/var/lib/sip2mail/Maildir");
  EXPECT_EQ(s.relays.at(0).connections, 4);
  EXPECT_EQ(s.relays.at(0).probe.size(), 8U);
  EXPECT_EQ(s.mail.from, "voicemail@vm.example.com");
  EXPECT_EQ(s.mail.from_name, "{caller}");
  EXPECT_EQ(s.mail.language, "en");
  EXPECT_FALSE(s.mail.wav);
  EXPECT_EQ(s.mail.max_size, 20U << 20);
  EXPECT_EQ(s.log.format, LogFormat::logfmt);
  EXPECT_EQ(s.log.level, Level::info);
  ASSERT_EQ(s.mailboxes.size(), 1U);
  EXPECT_EQ(s.mailboxes[0].id, "*");
  EXPECT_EQ(s.mailboxes[0].email, std::vector<std::string>{"{mailbox}@localhost"});
}

TEST_F(LoadTest, LetsSetWinOverEnvironmentOverFileOverDefault) {
  const auto value = [&] {
    const Loaded loaded = load(sources_, machine_);
    EXPECT_EQ(joined(loaded.errors), "");
    const EffectiveValue* found = loaded.find("sip.max-calls");
    return found->text + " from " + joined({found->where});
  };
  EXPECT_EQ(value(), "500 from default");
  load_text("[sip]\nmax-calls = 1\n");
  EXPECT_EQ(value(), "1 from F:2");
  sources_.environment["SIP2MAIL_CONFIG_TEXT"] = "\n[sip]\nmax-calls = 2\n";
  EXPECT_EQ(value(), "2 from SIP2MAIL_CONFIG_TEXT:3");
  sources_.environment["SIP2MAIL_SIP_MAX_CALLS"] = "3";
  EXPECT_EQ(value(), "3 from SIP2MAIL_SIP_MAX_CALLS");
  sources_.set = {"sip.max-calls=4", "sip.max-calls=5"};
  EXPECT_EQ(value(), "5 from --set");
}

TEST_F(LoadTest, MergesAMailboxFromAllSources) {
  sources_.environment["SIP2MAIL_MAILBOX_2001_NAME"] = "Taro";
  sources_.set = {"mailbox.2002@example.com.email=jiro@example.com"};
  const Loaded loaded = load_text("[mailbox.2001]\nemail = taro@example.com\n");
  EXPECT_EQ(joined(loaded.errors), "");
  ASSERT_EQ(loaded.settings.mailboxes.size(), 2U);
  EXPECT_EQ(loaded.settings.mailboxes[0].name, "Taro");
  EXPECT_EQ(loaded.settings.mailboxes[1].id, "2002@example.com");
  EXPECT_EQ(loaded.settings.mailboxes[1].where, "--set");
}

TEST_F(LoadTest, ReadsWhatAMailboxSaysOtherwise) {
  sources_.environment["SIP2MAIL_MAILBOX_2002_AUDIO_FORMAT"] = "mp3";
  const Loaded loaded = load_text(
      "[mail]\nlanguage = ja\n"
      "[mailbox.2001]\nemail = taro@example.com\nlanguage = EN\ntimezone = Asia/Tokyo\ngreeting = /good.wav\n"
      "greeting-busy = /good.wav\naudio-format = wav\nmax-length = 20s\nmissed = ignore\ntext = no\n"
      "[mailbox.2002]\nemail = jiro@example.com\nmissed = notify\n");
  EXPECT_EQ(joined(loaded.errors), "");
  EXPECT_EQ(loaded.settings.mail.language, "ja");
  ASSERT_EQ(loaded.settings.mailboxes.size(), 2U);
  const Mailbox& own = loaded.settings.mailboxes[0];
  EXPECT_EQ(own.language, "en");
  EXPECT_EQ(own.timezone, "Asia/Tokyo");
  EXPECT_EQ(own.greeting, "/good.wav");
  EXPECT_EQ(own.greeting_busy, "/good.wav");
  EXPECT_EQ(own.wav, true);
  EXPECT_EQ(own.max_length, Delay{20s});
  EXPECT_EQ(own.notify_missed, false);
  EXPECT_FALSE(own.takes_texts);
  const Mailbox& other = loaded.settings.mailboxes[1];
  EXPECT_EQ(other.language + other.timezone + other.greeting + other.greeting_busy, "");
  EXPECT_EQ(other.wav, false);
  EXPECT_EQ(other.max_length, std::nullopt);
  EXPECT_EQ(other.notify_missed, true);
  EXPECT_TRUE(other.takes_texts);
}

TEST_F(LoadTest, TakesTheFirstDefaultFileThatExists) {
  EXPECT_EQ(joined(load({}, machine_).errors), "");
  load_text("[sip]\nmax-calls = 7\n");
  sources_.default_files = {directory_ / "none", directory_ / "c.conf"};
  sources_.file.reset();
  EXPECT_EQ(load(sources_, machine_).settings.sip.max_calls, 7);
}

TEST_F(LoadTest, RefusesAFileThatCannotBeRead) {
  sources_.file = directory_ / "none.conf";
  EXPECT_EQ(load(sources_, machine_).errors.at(0),
            (directory_ / "none.conf").string() + ": cannot be read: No such file or directory");
  sources_.file.reset();
  sources_.default_files = {directory_};  // it exists, so it counts
  EXPECT_EQ(load(sources_, machine_).errors.at(0), directory_.string() + ": cannot be read: Is a directory");
}

TEST_F(LoadTest, PutsTheQueueWhereSystemdSays) {
  sources_.environment["STATE_DIRECTORY"] = "/var/lib/private/one:/var/lib/two";
  EXPECT_EQ(load(sources_, machine_).settings.queue.directory, "/var/lib/private/one");
  EXPECT_EQ(load(sources_, machine_).settings.relays[0].url, "maildir:/var/lib/private/one/Maildir");
  sources_.set = {"queue.directory=/elsewhere/"};
  EXPECT_EQ(load(sources_, machine_).settings.queue.directory, "/elsewhere/");
}

TEST_F(LoadTest, FillsARelativeMaildir) {
  sources_.set = {"queue.directory=/q", "relay.url=maildir:out", "mailbox.1.email=a@b"};
  const Loaded loaded = load(sources_, machine_);
  EXPECT_EQ(joined(loaded.errors), "");
  EXPECT_EQ(loaded.settings.relays[0].url, "maildir:/q/out");
  EXPECT_EQ(loaded.settings.relays[0].name, "default");
}

TEST_F(LoadTest, FallsBackToTheAdministrator) {
  const std::string alert = "[mailbox.1]\nemail = a@example.com\n[alert]\nemail = admin@example.com, ops@example.com\n";
  EXPECT_EQ(load_text(alert).settings.alert.email.size(), 2U);
  EXPECT_EQ(load_text(alert).settings.mail.fallback, "admin@example.com");
  EXPECT_EQ(load_text(alert).find("mail.fallback")->text, "admin@example.com");
  EXPECT_EQ(load_text(alert + "[mail]\nfallback = office@example.com\n").settings.mail.fallback, "office@example.com");
  EXPECT_EQ(load_text("[mailbox.1]\nemail = a@example.com\n").settings.mail.fallback, "");
  EXPECT_EQ(errors("[alert]\nemail = nobody\n").find("F:2: alert.email"), 0U) << errors("[alert]\nemail = nobody\n");
}

TEST_F(LoadTest, ShowsEachValueAndWhereItCameFrom) {
  const std::string shown = config_show(load_text(kSite));
  EXPECT_NE(shown.find("sip.max-calls = 500"), std::string::npos);
  EXPECT_NE(shown.find("call.finish-keys = \"#\""), std::string::npos);
  EXPECT_NE(shown.find("# default\n"), std::string::npos);
  EXPECT_NE(shown.find("mailbox.2001.name = 山田"), std::string::npos);
  EXPECT_NE(shown.find("c.conf:3\n"), std::string::npos);
}

TEST_F(LoadTest, GivesAReferenceThatIsAFileOfDefaults) {
  std::string text = config_reference();
  EXPECT_EQ(errors(text), "");
  // With every default taken as written, it must be read again.
  std::string active;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    if (line.size() > 1 && line[0] == '#' && line[1] != ' ' && !line.ends_with(" =")) line.erase(0, 1);
    active += line + "\n";
    at = end + 1;
  }
  EXPECT_EQ(errors(active), "");
}

}  // namespace
}  // namespace sip2mail
