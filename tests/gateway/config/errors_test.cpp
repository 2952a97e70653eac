// Each kind of configuration error, with its exact words.
#include "tests/gateway/config/config_fixture.hpp"

namespace sip2mail {
namespace {

class ConfigErrors : public ConfigTest {
 protected:
  std::string fault(const std::string& name, const std::string& value) {
    const std::size_t dot = name.rfind('.');
    return errors("[" + name.substr(0, dot) + "]\n" + name.substr(dot + 1) + " = " + value + "\n");
  }
};

TEST_F(ConfigErrors, NameTheKeyThatWasMeant) {
  EXPECT_EQ(fault("sip.lisen", "x"), "F:2: sip.lisen is no option (did you mean sip.listen?)");
  EXPECT_EQ(fault("sip.password", "x"), "F:2: sip.password is no option");
  EXPECT_EQ(fault("mailbox.2001.emial", "a@b").substr(0, 78),
            "F:2: mailbox.2001.emial is no option (did you mean mailbox.2001.email?)");
  EXPECT_EQ(fault("realy.url", "x"), "F:1: [realy] is no section (did you mean relay?)");
  EXPECT_EQ(fault("mialbox.2001.email", "a@b"), "F:1: [mialbox.2001] is no section (did you mean mailbox.2001?)");
  EXPECT_EQ(fault("nonsense.url", "x"), "F:1: [nonsense] is no section");
}

TEST_F(ConfigErrors, AreAllReportedAtOnce) {
  EXPECT_EQ(errors("[sip]\nmax-calls = many\nmax-rate = -1\nbroken\n[mailbox.1]\n"),
            "F:4: neither [section] nor key = value\n"
            "F:5: [mailbox.1] has no email\n"
            "F:2: sip.max-calls: \"many\" is not a whole number from 1 to 20000\n"
            "F:3: sip.max-rate: \"-1\" is not a whole number from 0 to 1000000");
}

TEST_F(ConfigErrors, TellOfADoubleKey) {
  EXPECT_EQ(errors("[sip]\nmax-calls = 1\n\n[sip]\nmax-calls = 2\n"), "F:5: sip.max-calls was set in line 2");
}

TEST_F(ConfigErrors, SayWhatASipAddressLooksLike) {
  const std::string allowed = " udp:ADDRESS:PORT and tcp:ADDRESS:PORT are, like udp:0.0.0.0:5060 or tcp:[::]:5060";
  EXPECT_EQ(fault("sip.listen", "tls:0.0.0.0:5061"),
            "F:2: sip.listen: \"tls:0.0.0.0:5061\" is not supported;" + allowed);
  EXPECT_EQ(fault("sip.listen", "udp:5060"), "F:2: sip.listen: \"udp:5060\" is not complete;" + allowed);
  EXPECT_EQ(fault("sip.listen", "udp:pbx:5060"), "F:2: sip.listen: \"pbx\" is no IP address (IPv6 in brackets)");
  EXPECT_EQ(fault("sip.listen", "udp:::1:5060"), "F:2: sip.listen: \"::1\" is no IP address (IPv6 in brackets)");
  EXPECT_EQ(fault("sip.listen", "udp:[::1]:99999"), "F:2: sip.listen: \"99999\" is not a whole number from 0 to 65535");
  EXPECT_EQ(fault("sip.listen", ""), "F:2: sip.listen: at least one udp:ADDRESS:PORT or tcp:ADDRESS:PORT is needed");
  EXPECT_EQ(fault("sip.listen", "udp:[::1]:5060, udp:[::1]:5060"),
            "F:2: sip.listen: \"udp:[::1]:5060\" stands there twice");
  EXPECT_EQ(fault("sip.listen", "udp:127.0.0.1:0, tcp:127.0.0.1:0, udp:[::]:5060"), "");
}

TEST_F(ConfigErrors, SayWhatAValueLooksLike) {
  EXPECT_EQ(fault("sip.trusted", "10.0.0.0/8, pbx"),
            "F:2: sip.trusted: \"pbx\" is no address or network like 192.0.2.1, 10.0.0.0/8 or fc00::/7");
  EXPECT_EQ(fault("sip.trusted", ""), "");
  EXPECT_EQ(fault("media.ports", "20000"), "F:2: media.ports: \"20000\" is no range of ports like 20000-20999");
  EXPECT_EQ(fault("media.ports", "20001-20002"),
            "F:2: media.ports: \"20001-20002\" holds no even port with the odd one after it (RTP and RTCP of a call)");
  EXPECT_EQ(fault("media.ports", "80-90"), "F:2: media.ports: \"80\" is not a whole number from 1024 to 65535");
  EXPECT_EQ(fault("media.codecs", "pcma, opus"), "F:2: media.codecs: \"opus\" is not pcma or pcmu");
  EXPECT_EQ(fault("media.timeout", "30"),
            "F:2: media.timeout: \"30\" is not a duration like 500ms, 30s, 10m, 2h or 5d");
  EXPECT_EQ(fault("media.timeout", "0s"), "F:2: media.timeout: \"0s\" is not between 1s and 1d");
  EXPECT_EQ(fault("call.beep", "maybe"), "F:2: call.beep: \"maybe\" is neither yes nor no");
  EXPECT_EQ(fault("call.finish-keys", "\"#x\""), "F:2: call.finish-keys: \"#x\" holds more than the keys 0-9 * # A-D");
  EXPECT_EQ(fault("call.missed", "notfy"),
            "F:2: call.missed: \"notfy\" is not notify or ignore (did you mean notify?)");
  EXPECT_EQ(fault("message.max-size", "64KB"),
            "F:2: message.max-size: \"64KB\" is not a size like 4096, 64K, 20M or 1G");
  EXPECT_EQ(fault("message.max-size", "1G"), "F:2: message.max-size: \"1G\" is not between 1 and 8M");
  EXPECT_EQ(fault("queue.min-free", "99999999999999999999"),
            "F:2: queue.min-free: \"99999999999999999999\" is not a size like 4096, 64K, 20M or 1G");
  EXPECT_EQ(fault("queue.retry", ","), "F:2: queue.retry: at least one duration is needed");
  EXPECT_EQ(fault("queue.directory", ""), "F:2: queue.directory: a directory is needed");
  EXPECT_EQ(fault("queue.directory", "/" + std::string(100, 'd')),
            "F:2: queue.directory: the path is longer than 94 characters, too long for the control socket in it");
  EXPECT_EQ(fault("relay.helo", "two words"), "F:2: relay.helo: \"two words\" is neither a host name nor an [address]");
  EXPECT_EQ(fault("mail.audio-format", "gsm"), "F:2: mail.audio-format: \"gsm\" is not mp3 or wav");
  EXPECT_EQ(fault("log.level", "warn"), "F:2: log.level: \"warn\" is not debug, info, warning or error");
  EXPECT_EQ(fault("log.format", ""), "F:2: log.format: \"\" is not text or logfmt");
}

TEST_F(ConfigErrors, CheckEmailAddresses) {
  EXPECT_EQ(fault("mailbox.1.email", "taro"),
            "F:2: mailbox.1.email: \"taro\" is no email address like taro@example.com");
  for (const std::string bad : {"@example.com", "taro@", "a b@example.com", "<a@example.com>", "a@b@c", "a@b\x01"})
    EXPECT_NE(fault("mailbox.1.email", bad).find("is no email address like taro@example.com"), std::string::npos)
        << bad;
  EXPECT_EQ(fault("mailbox.1.email", ""), "F:2: mailbox.1.email: at least one email address is needed");
  EXPECT_EQ(fault("mailbox.1.email", "{mailbox}@example.com"),
            "F:2: mailbox.1.email: \"{mailbox}@example.com\": {mailbox} stands only in the catch-all [mailbox.*]");
  EXPECT_EQ(fault("mailbox.*.email", "{mailbox}"),
            "F:2: mailbox.*.email: \"{mailbox}\" is no email address like {mailbox}@example.com");
  EXPECT_EQ(fault("mailbox.*.email", "{box}@example.com"),
            "F:2: mailbox.*.email: \"{box}@example.com\": only {mailbox} may stand in braces");
  EXPECT_EQ(fault("mailbox.*.email", "{mailbox}@example.com, all@example.com"), "");
  EXPECT_EQ(fault("mailbox.1.name", "x"), "F:2: [mailbox.1] has no email");
  EXPECT_EQ(fault("mailbox.1 2.email", "a@b"), "F:1: [mailbox.1 2]: the id of a mailbox is USER, USER@DOMAIN or *");
  EXPECT_EQ(fault("mail.from", "voicemail"), "F:2: mail.from: \"voicemail\" is no email address like taro@example.com");
}

TEST_F(ConfigErrors, CheckTheRelay) {
  const auto relay = [&](const std::string& url) {
    return errors("[relay]\nurl = " + url + "\n[mailbox.1]\nemail = a@b.example\n");
  };
  const std::string forms = "smtp://HOST:PORT, smtp+starttls://HOST:PORT, smtps://HOST:PORT or maildir:PATH";
  EXPECT_EQ(relay("smpts://h:465"),
            "F:2: relay.url: \"smpts:\" is not supported; " + forms + " is (did you mean smtps?)");
  EXPECT_EQ(relay("mail.example.com"), "F:2: relay.url: \"mail.example.com\" is not " + forms);
  EXPECT_EQ(relay("smtp:h"), "F:2: relay.url: \"smtp:h\" is not smtp://HOST:PORT");
  EXPECT_EQ(relay("smtp://:25"), "F:2: relay.url: \"smtp://:25\" names no host: smtp://HOST:PORT");
  EXPECT_EQ(relay("smtp://[::1:25"), "F:2: relay.url: \"smtp://[::1:25\" names no host: smtp://HOST:PORT");
  EXPECT_EQ(relay("smtp://h:0"), "F:2: relay.url: \"0\" is no port from 1 to 65535");
  EXPECT_EQ(relay("smtp://[::1]x"), "F:2: relay.url: \"smtp://[::1]x\" has something after the host: smtp://HOST:PORT");
  EXPECT_EQ(relay("smtp://user:secret@h"),
            "F:2: relay.url: a user or password does not stand in the URL but in relay.user and relay.password: "
            "smtp://HOST:PORT");
  EXPECT_EQ(relay("maildir:"), "F:2: relay.url: \"maildir:\" names no directory: maildir:PATH");
  EXPECT_EQ(relay("smtp://[::1]:25"), "");
  EXPECT_EQ(relay("smtp://mail.example.com"), "");
}

TEST_F(ConfigErrors, WantAMailboxWhenThereIsARelay) {
  EXPECT_EQ(errors("[relay]\nurl = smtp://127.0.0.1\n"),
            "no mailbox is configured: add a section [mailbox.ID] with email = ADDRESS, or the catch-all [mailbox.*]");
  EXPECT_EQ(errors(""), "");
  EXPECT_EQ(warnings(""), "no mailbox is configured: every number called has one, {mailbox}@localhost");
}

TEST_F(ConfigErrors, WantASenderThatARelayTakes) {
  host_ = "vm";
  const std::string box = "[mailbox.1]\nemail = a@b.example\n[relay]\nurl = ";
  EXPECT_EQ(
      errors(box + "smtp://mail.example.com"),
      "mail.from: voicemail@vm has no dot in its host, so a relay beyond this host would refuse it: set mail.from to "
      "an address of your domain");
  EXPECT_EQ(errors(box + "smtp://127.0.0.1:25"), "");
  EXPECT_EQ(errors(box + "smtp://localhost:25"), "");
  EXPECT_EQ(errors(box + "maildir:/tmp/m"), "");
  EXPECT_EQ(errors(box + "smtp://192.0.2.1\n[mail]\nfrom = x@vm").substr(0, 34), "F:6: mail.from: x@vm has no dot in");
}

TEST_F(ConfigErrors, CheckWhatLiesOnTheMachine) {
  EXPECT_EQ(fault("mail.timezone", "Asia/Tokio"), "F:2: mail.timezone: \"Asia/Tokio\" is no time zone like Asia/Tokyo");
  EXPECT_EQ(fault("mail.timezone", "Asia/Tokyo"), "");
  EXPECT_EQ(fault("call.greeting", "/none.wav"),
            "F:2: call.greeting: /none.wav cannot be read: No such file or directory");
  EXPECT_EQ(fault("call.greeting-busy", "/good.wav"), "");
}

TEST_F(ConfigErrors, CompareOptionsWithEachOther) {
  EXPECT_EQ(errors("[call]\nmin-length = 10s\nmax-length = 5s\n"),
            "F:2: call.min-length: 10s is longer than call.max-length, 5s");
  EXPECT_EQ(warnings("[media]\nports = 20000-20099\n[mailbox.1]\nemail = a@b\n[relay]\nurl = maildir:m\n"),
            "F:2: media.ports: room for 50 calls, less than sip.max-calls, 500");
}

TEST_F(ConfigErrors, LetNobodyButThisHostChooseAnAddress) {
  const std::string open = "[mailbox.*]\nemail = {mailbox}@example.com\n[relay]\nurl = maildir:m\n";
  const Loaded loaded = load_text(open);
  EXPECT_EQ(joined(loaded.warnings),
            "sip.trusted: not set, and [mailbox.*] uses {mailbox}: only this host may call; set it to the addresses of "
            "your PBX");
  EXPECT_EQ(loaded.settings.sip.trusted.size(), 2U);
  EXPECT_TRUE(contains(loaded.settings.sip.trusted, *Address::parse("127.0.0.1")));
  EXPECT_FALSE(contains(loaded.settings.sip.trusted, *Address::parse("10.0.0.1")));
  EXPECT_EQ(warnings(open + "[sip]\ntrusted = 10.0.0.1\n"), "");
}

TEST_F(ConfigErrors, NameTheArgumentOfSet) {
  const auto set = [&](const std::string& argument) {
    sources_.set = {argument};
    return joined(load(sources_, machine_).errors);
  };
  EXPECT_EQ(set("sip.max-calls"), "--set sip.max-calls: section.key=value is expected");
  EXPECT_EQ(set("max-calls=5"), "--set max-calls: section.key=value is expected");
  EXPECT_EQ(set("sip.max-call=5"), "--set sip.max-call: sip.max-call is no option (did you mean sip.max-calls?)");
  EXPECT_EQ(set("sip.max-calls=x"), "--set: sip.max-calls: \"x\" is not a whole number from 1 to 20000");
}

TEST_F(ConfigErrors, NameWhatAMailboxCannotSayOtherwise) {
  const auto own = [&](const std::string& line) {
    return errors("[mailbox.2001]\nemail = taro@example.com\n" + line + "\n");
  };
  EXPECT_EQ(fault("mail.language", "jp"), "F:2: mail.language: \"jp\" is not en or ja (did you mean ja?)");
  EXPECT_EQ(own("language = de"), "F:3: mailbox.2001.language: \"de\" is not en or ja");
  EXPECT_EQ(own("timezone = JST"), "F:3: mailbox.2001.timezone: \"JST\" is no time zone like Asia/Tokyo");
  EXPECT_EQ(own("greeting = /none.wav"),
            "F:3: mailbox.2001.greeting: /none.wav cannot be read: No such file or directory");
  EXPECT_EQ(own("greeting-busy = /none.wav"),
            "F:3: mailbox.2001.greeting-busy: /none.wav cannot be read: No such file or directory");
  EXPECT_EQ(own("audio-format = ogg"), "F:3: mailbox.2001.audio-format: \"ogg\" is not mp3 or wav");
  EXPECT_EQ(own("missed = yes"), "F:3: mailbox.2001.missed: \"yes\" is not notify or ignore");
  EXPECT_EQ(own("text = maybe"), "F:3: mailbox.2001.text: \"maybe\" is neither yes nor no");
  EXPECT_EQ(own("max-length = 2s\n[call]\nmin-length = 3s"),
            "F:3: mailbox.2001.max-length: 2s is shorter than call.min-length, 3s");
  EXPECT_EQ(own("max-legnth = 2s"),
            "F:3: mailbox.2001.max-legnth is no option (did you mean mailbox.2001.max-length?)");
}

}  // namespace
}  // namespace sip2mail
