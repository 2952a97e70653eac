// Relays in the configuration: further ones, accounts, secrets.
#include "gateway/config/reference.hpp"
#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

const std::string kBox = "[mailbox.1]\nemail = a@b.example\n[mail]\nfrom = vm@example.com\n";

class RelaysTest : public ConfigTest {
 protected:
  std::string with(const std::string& keys) { return errors(kBox + "[relay]\n" + keys); }
  std::string file(const std::string& name, const std::string& text) {
    std::ofstream{directory_ / name} << text;
    return (directory_ / name).string();
  }
};

TEST_F(RelaysTest, ComeInTheirOrderEachWithItsOwnKeysAndDefaults) {
  const Loaded loaded =
      load_text(kBox +
                "[relay.b]\nurl = smtps://b.example\nconnections = 2\n[relay.a]\nurl = smtp://a.example\n"
                "[relay]\nurl = smtp://first.example\nmax-per-minute = 30\n");
  EXPECT_EQ(joined(loaded.errors), "");
  ASSERT_EQ(loaded.settings.relays.size(), 3U);
  const RelaySettings& first = loaded.settings.relays[0];
  const RelaySettings& second = loaded.settings.relays[1];
  EXPECT_TRUE(first.name == "default" && first.max_per_minute == 30 && first.connections == 4);
  EXPECT_TRUE(second.name == "b" && second.connections == 2 && second.timeout == 60s && second.probe.size() == 8);
  EXPECT_TRUE(second.tls_verify && second.max_per_minute == 0);
  EXPECT_EQ(loaded.settings.relays[2].name, "a");
}

TEST_F(RelaysTest, NeedNoUnnamedOne) {
  const Loaded loaded = load_text(kBox + "[relay.only]\nurl = maildir:m\n");
  EXPECT_EQ(joined(loaded.errors) + joined(loaded.warnings), "");
  ASSERT_EQ(loaded.settings.relays.size(), 1U);
  EXPECT_TRUE(loaded.settings.relay_is_set);
  EXPECT_EQ(loaded.settings.relays[0].url, "maildir:/var/lib/sip2mail/m");
}

TEST_F(RelaysTest, ComeFromTheEnvironmentAnExactKeyFirst) {
  sources_.environment = {{"SIP2MAIL_RELAY_BACK_UP_URL", "smtps://b.example"},
                          {"SIP2MAIL_RELAY_BACK_UP_TLS_VERIFY", "no"},
                          {"SIP2MAIL_RELAY_TLS_VERIFY", "no"},
                          {"SIP2MAIL_RELAY_URL", "smtps://a.example"}};
  const Loaded loaded = load_text(kBox);
  EXPECT_EQ(joined(loaded.errors), "");
  ASSERT_EQ(loaded.settings.relays.size(), 2U);
  EXPECT_FALSE(loaded.settings.relays[0].tls_verify);
  EXPECT_EQ(loaded.settings.relays[1].name, "back_up");
  EXPECT_FALSE(loaded.settings.relays[1].tls_verify);
}

TEST_F(RelaysTest, HavePlainNamesAndAUrl) {
  EXPECT_EQ(errors(kBox + "[relay.x]\nhelo = h\n"), "F:6: [relay.x] has no url");
  EXPECT_EQ(errors(kBox + "[relay.x]\n"), "F:5: [relay.x] has no url");
  sources_.environment = {{"SIP2MAIL_RELAY_BUILTIN_URL", "smtp://b.example"}};
  EXPECT_EQ(errors(kBox + "[relay]\nurl = maildir:m\n").substr(0, 43), "SIP2MAIL_RELAY_BUILTIN_URL: [relay.builtin]");
  sources_.environment.clear();
  EXPECT_EQ(errors(kBox + "[relay.builtin]\nurl = maildir:m\n").substr(0, 20), "F:5: [relay.builtin]");
  EXPECT_EQ(errors(kBox + "[relay.x]\nurl = maildir:m\nuzer = u\n"),
            "F:7: relay.x.uzer is no option (did you mean relay.x.user?)");
}

TEST_F(RelaysTest, SendNoSecretInClearButToThisHost) {
  EXPECT_EQ(
      with("url = smtp://h.example\nuser = u\npassword = p\n"),
      "F:6: relay.url: a password or token would go in clear to h.example: smtp+starttls:// or smtps:// is needed");
  EXPECT_EQ(with("url = smtp://h.example\nuser = u\ntoken-command = /bin/t\n").substr(0, 14), "F:6: relay.url");
  EXPECT_EQ(with("url = smtp://127.0.0.1\nuser = u\npassword = p\n"), "");
  EXPECT_EQ(with("url = smtp+starttls://h.example\nuser = u\npassword = p\n"), "");
}

TEST_F(RelaysTest, HaveAWholeAccountOrNone) {
  const std::string url = "url = smtps://h.example\n";
  EXPECT_EQ(with(url + "password = p\n"), "F:7: relay.password: relay.user is not set");
  EXPECT_EQ(with(url + "user = u\n"), "F:7: relay.user: neither relay.password nor relay.token-command is set");
  EXPECT_EQ(with(url + "user = u\npassword = p\ntoken-command = /bin/t\n"),
            "F:9: relay.token-command: relay.password is set too: one of them");
  EXPECT_EQ(with(url + "user = u\npassword = p\nauth = xoauth2\n"),
            "F:9: relay.auth: a token is needed: relay.token-command is not set");
  EXPECT_EQ(with(url + "user = u\ntoken-command = /bin/t\nauth = plain\n"),
            "F:9: relay.auth: relay.token-command brings a token: xoauth2 or oauthbearer takes it");
}

TEST_F(RelaysTest, ReadTheirPasswordFromAFileAndShowNone) {
  const std::string path = file("password", "p #\"x \n");
  const Loaded loaded = load_text(kBox + "[relay]\nurl = smtps://h\nuser = u\npassword-file = " + path +
                                  "\n[relay.b]\nurl = smtps://b\nuser = u\npassword = topsecret\n");
  EXPECT_EQ(joined(loaded.errors), "");
  EXPECT_EQ(loaded.settings.relays.at(0).password, "p #\"x ");
  EXPECT_EQ(loaded.settings.relays.at(1).password, "topsecret");
  EXPECT_EQ(config_show(loaded).find("topsecret"), std::string::npos);
  EXPECT_NE(config_show(loaded).find("relay.b.password = ********"), std::string::npos);
  EXPECT_EQ(with("url = smtps://h\nuser = u\npassword-file = /nowhere\n").substr(0, 70),
            "F:8: relay.password-file: /nowhere cannot be read: No such file or dir");
}

TEST_F(RelaysTest, WarnWhenCertificatesDoNotMatter) {
  EXPECT_EQ(warnings(kBox + "[relay]\nurl = smtps://h.example\ntls-verify = no\n"),
            "F:7: relay.tls-verify: off: whoever stands between us and h.example may read the mails");
  EXPECT_EQ(with("url = smtps://h\ntls-ca = " + file("ca.pem", "nothing") + "\n"),
            "F:7: relay.tls-ca: " + (directory_ / "ca.pem").string() + " holds no certificate (PEM)");
}

TEST_F(RelaysTest, SplitTheTokenCommandIntoWords) {
  const Loaded loaded =
      load_text(kBox + "[relay]\nurl = smtps://h\nuser = u\ntoken-command = /bin/t  'a  b' c\"d e\"f ''\n");
  EXPECT_EQ(joined(loaded.errors), "");
  EXPECT_EQ(loaded.settings.relays.at(0).token_command, (std::vector<std::string>{"/bin/t", "a  b", "cd ef", ""}));
  EXPECT_EQ(with("url = smtps://h\nuser = u\ntoken-command = t\n"),
            "F:8: relay.token-command: \"t\" is no program with its whole path, like /usr/local/bin/token");
}

TEST_F(RelaysTest, MakeTheirUserTheSenderIfItIsAnAddress) {
  const std::string box = "[mailbox.1]\nemail = a@b.example\n[relay]\nurl = smtps://h\npassword = p\nuser = ";
  EXPECT_EQ(load_text(box + "gateway@example.com\n").settings.mail.from, "gateway@example.com");
  EXPECT_EQ(load_text(box + "gateway\n").settings.mail.from, "voicemail@vm.example.com");
}

}  // namespace
}  // namespace sip2mail
