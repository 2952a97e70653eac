#include "gateway/relay/smtp_relay.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include "gateway/base/clock.hpp"
#include "src/delivery/judge.hpp"
#include "tests/gateway/relay/scripted_smtp.hpp"

namespace sip2mail {
namespace {

using Script = ScriptedSmtp::Script;

struct SmtpRelayTest : testing::Test {
  static SmtpRelay to(const ScriptedSmtp& server, Delay timeout = 10s) {
    return SmtpRelay{{"default", "127.0.0.1", server.port(), "gateway.example.com", timeout}};
  }
  static Mail mail(std::string recipient = "taro@example.com", std::string text = "Subject: x\r\n\r\nHello\r\n") {
    return {"voicemail@example.com", std::move(recipient), std::make_shared<const std::string>(std::move(text)), ""};
  }
  static Reply once(const Script& script, Delay timeout = 10s) {
    ScriptedSmtp server{script};
    SmtpRelay relay = to(server, timeout);
    return relay.send(mail());
  }
};

TEST_F(SmtpRelayTest, DeliversWithItsOwnGreetingAndTheSize) {
  ScriptedSmtp server;
  SmtpRelay relay = to(server);
  const Reply reply = relay.send(mail("taro@example.com", "Subject: x\r\n\r\n.dot\r\nlast\r\n"));
  EXPECT_EQ(reply.stage, Stage::accepted);
  EXPECT_EQ(reply.code, 250);
  EXPECT_EQ(reply.text, "250 2.0.0 Ok: queued as 4F1A");
  EXPECT_EQ(reply.relay, "default");
  EXPECT_FALSE(reply.reused);
  EXPECT_EQ(server.commands(),
            (std::vector<std::string>{"EHLO gateway.example.com", "MAIL FROM:<voicemail@example.com> SIZE=26",
                                      "RCPT TO:<taro@example.com>", "DATA"}));
  EXPECT_EQ(server.mails(), std::vector<std::string>{"Subject: x\r\n\r\n.dot\r\nlast\r\n"});
}

// A proxy for the web stands in many a container's environment; mail would go to it in clear, or nowhere.
TEST_F(SmtpRelayTest, TakesNoProxyFromTheEnvironment) {
  ScriptedSmtp server;
  for (const char* name : {"ALL_PROXY", "all_proxy", "smtp_proxy"}) ::setenv(name, "http://127.0.0.1:1", 1);
  const Reply reply = to(server).send(mail());
  for (const char* name : {"ALL_PROXY", "all_proxy", "smtp_proxy"}) ::unsetenv(name);
  EXPECT_EQ(reply.stage, Stage::accepted) << reply.text;
}

TEST_F(SmtpRelayTest, KeepsItsConnectionFromMailToMail) {
  ScriptedSmtp server;
  SmtpRelay relay = to(server);
  for (int i = 0; i < 5; ++i) {
    const Reply reply = relay.send(mail());
    EXPECT_EQ(reply.stage, Stage::accepted);
    EXPECT_EQ(reply.reused, i > 0);
  }
  EXPECT_EQ(server.connections(), 1);
  EXPECT_EQ(server.mails().size(), 5U);
}

struct StageCase {
  std::string at;
  std::string answer;
  Stage stage;
  int code;
  std::string words;
};

TEST_F(SmtpRelayTest, KnowsAtWhichStageItWasRefused) {
  const std::vector<StageCase> cases{
      {"banner", "554 5.7.1 no service", Stage::banner, 554, "554 5.7.1 no service"},
      {"banner", "421 4.3.2 busy", Stage::banner, 421, "421 4.3.2 busy"},
      {"mail", "550 5.1.8 sender", Stage::mail, 550, "550 5.1.8 sender"},
      {"mail", "451 4.3.0 later", Stage::mail, 451, "451 4.3.0 later"},
      {"rcpt", "550-5.1.1 unknown\r\n550 5.1.1 user", Stage::rcpt, 550, "550-5.1.1 unknown 550 5.1.1 user"},
      {"rcpt", "450 4.2.0 greylisted", Stage::rcpt, 450, "450 4.2.0 greylisted"},
      {"rcpt", "421 4.7.0 closing\r\nCLOSE", Stage::rcpt, 421, "421 4.7.0 closing"},
      {"data", "554 5.5.1 no", Stage::data, 554, "554 5.5.1 no"},
      {"dot", "554 5.7.1 spam", Stage::dot, 554, "554 5.7.1 spam"},
      {"dot", "452 4.2.2 full", Stage::dot, 452, "452 4.2.2 full"},
      {"dot", "421 4.3.0 closing\r\nCLOSE", Stage::dot, 421, "421 4.3.0 closing"},
  };
  for (const StageCase& it : cases) {
    const Reply reply = once({{it.at, {it.answer}}});
    EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(it.stage)) << it.at << ": " << it.answer;
    EXPECT_EQ(reply.code, it.code) << it.at << ": " << it.answer;
    EXPECT_EQ(reply.text, it.words) << it.at << ": " << it.answer;
  }
}

TEST_F(SmtpRelayTest, KnowsAtWhichStageTheConnectionWasLost) {
  const std::vector<std::pair<std::string, Stage>> cases{{"banner", Stage::banner}, {"ehlo", Stage::ehlo},
                                                         {"mail", Stage::mail},     {"rcpt", Stage::rcpt},
                                                         {"data", Stage::data},     {"dot", Stage::unknown}};
  for (const auto& [at, stage] : cases) {
    const Reply reply = once({{at, {"CLOSE"}}});
    EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(stage)) << at;
    EXPECT_EQ(reply.code, 0) << at;
    EXPECT_NE(reply.text, "") << at;
  }
}

TEST_F(SmtpRelayTest, WaitsForSilentServersOnlySoLong) {
  const std::vector<std::pair<std::string, Stage>> cases{
      {"banner", Stage::banner}, {"ehlo", Stage::ehlo}, {"rcpt", Stage::rcpt}, {"dot", Stage::unknown}};
  std::vector<std::thread> talks;  // at once: each takes its second
  for (const auto& [at, stage] : cases) {
    talks.emplace_back([at = at, stage = stage] {
      const Instant begin = now();
      const Reply reply = once({{at, {"STALL"}}}, 1s);
      EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(stage)) << at << ": " << reply.text;
      EXPECT_EQ(reply.code, 0);
      EXPECT_LT(now() - begin, 8s) << at;
    });
  }
  for (std::thread& talk : talks) talk.join();
}

TEST_F(SmtpRelayTest, EndsASilentTransactionWhenTheProgramIsInAHurry) {
  ScriptedSmtp server{Script{{"dot", {"STALL"}}}};
  const auto hurry = std::make_shared<std::atomic<bool>>(false);
  SmtpRelay relay{{"default", "127.0.0.1", server.port(), "x.example", 60s, hurry}};
  std::thread other{[&] {
    EXPECT_TRUE(server.wait_for_mails(1));
    hurry->store(true);
  }};
  const Instant begin = now();
  EXPECT_EQ(relay.send(mail()).stage, Stage::unknown);
  EXPECT_LT(now() - begin, 10s);
  other.join();
}

TEST_F(SmtpRelayTest, DoesNotWaitForTheAnswerToItsGoodbye) {
  ScriptedSmtp server{Script{{"quit", {"STALL"}}}};
  const Instant begin = now();
  {
    SmtpRelay relay{{"default", "127.0.0.1", server.port(), "x.example", 60s}};
    EXPECT_EQ(relay.send(mail()).code, 250);
  }
  EXPECT_LT(now() - begin, 20s);
}

TEST_F(SmtpRelayTest, SaysThatNobodyAnswers) {
  std::uint16_t closed = 0;
  {
    const ScriptedSmtp server;
    closed = server.port();
  }
  SmtpRelay relay{{"default", "127.0.0.1", closed, "x.example", 5s}};
  const Reply reply = relay.send(mail());
  EXPECT_EQ(reply.stage, Stage::connect);
  EXPECT_EQ(judge(reply), Verdict::relay);
  EXPECT_NE(reply.text, "");
}

TEST_F(SmtpRelayTest, SaysThatTheNameIsUnknown) {
  SmtpRelay relay{{"default", "relay.invalid", 25, "x.example", 5s}};
  EXPECT_EQ(relay.send(mail()).stage, Stage::resolve);
}

TEST_F(SmtpRelayTest, GreetsTheOldWayWhenTheNewOneIsRefused) {
  EXPECT_EQ(once({{"ehlo", {"502 what"}}}).stage, Stage::accepted);
  EXPECT_EQ(once({{"ehlo", {"502 what"}}, {"helo", {"502 what"}}}).stage, Stage::ehlo);
}

TEST_F(SmtpRelayTest, RecognisesWhatIsNoSmtp) {
  std::string many;
  for (int i = 0; i < 300; ++i) many += "220-line\r\n";
  for (const std::string& banner :
       {std::string{"HTTP/1.1 400 Bad Request"}, std::string{"999 what"}, std::string{"220ready"}, many + "220 at last",
        "220 " + std::string(5000, 'x'), std::string(200'000, 'x')}) {
    const Reply reply = once({{"banner", {banner}}}, 5s);
    EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(Stage::not_smtp)) << banner.substr(0, 40) << reply.text;
    EXPECT_EQ(judge(reply), Verdict::relay);
    EXPECT_LE(reply.text.size(), 1000U);
  }
}

TEST_F(SmtpRelayTest, DoesNotKnowWhatForeignWordsAfterTheDotMean) {
  EXPECT_EQ(once({{"dot", {"whatever"}}}, 5s).stage, Stage::unknown);
}

TEST_F(SmtpRelayTest, KeepsTheWordsBoundedAndPrintable) {
  const Reply reply = once({{"rcpt", {"550 \x1b[31m" + std::string(3000, 'y') + "\xff"}}});
  EXPECT_EQ(reply.code, 550);
  EXPECT_LE(reply.text.size(), 1000U);
  EXPECT_EQ(reply.text.find('\x1b'), std::string::npos);
}

TEST_F(SmtpRelayTest, SaysThatTheConnectionWasAnOldOne) {
  ScriptedSmtp server{[](int connection) {
    return connection == 1 ? Script{{"mail", {"250 ok", "421 4.4.2 idle too long\r\nCLOSE"}}} : Script{};
  }};
  SmtpRelay relay = to(server);
  EXPECT_EQ(relay.send(mail()).stage, Stage::accepted);
  const Reply reply = relay.send(mail());
  EXPECT_EQ(reply.code, 421);
  EXPECT_TRUE(reply.reused);
  EXPECT_EQ(judge(reply), Verdict::reconnect);
  const Reply again = relay.send(mail());
  EXPECT_EQ(again.stage, Stage::accepted);
  EXPECT_FALSE(again.reused);
}

TEST_F(SmtpRelayTest, GetsOverAConnectionThatWasClosedWhileItWasIdle) {
  ScriptedSmtp server{[](int) { return Script{{"dot", {"250 ok\r\nCLOSE"}}}; }};
  SmtpRelay relay = to(server);
  int accepted = 0;
  for (int i = 0; i < 6; ++i) {
    const Reply reply = relay.send(mail());
    if (reply.stage == Stage::accepted) {
      ++accepted;
    } else {
      EXPECT_EQ(judge(reply), Verdict::reconnect) << reply.text;
    }
  }
  EXPECT_GE(accepted, 3);
  EXPECT_EQ(server.mails().size(), static_cast<std::size_t>(accepted));
}

TEST_F(SmtpRelayTest, TakesNoLateAnswerForOneToTheNextMail) {
  // The first mail's answer never comes in time; the next one goes by a new connection and is refused there.
  ScriptedSmtp server{[](int connection) {
    return connection == 1 ? Script{{"dot", {"STALL"}}} : Script{{"rcpt", {"550 5.1.1 unknown"}}};
  }};
  SmtpRelay relay = to(server, 1s);
  EXPECT_EQ(relay.send(mail()).stage, Stage::unknown);
  const Reply reply = relay.send(mail());
  EXPECT_EQ(reply.stage, Stage::rcpt);
  EXPECT_EQ(reply.code, 550);
}

TEST_F(SmtpRelayTest, IsNotFooledByAnswersThatNobodyAskedFor) {
  const Script script{{"dot", {"250 ok\r\n250 and one more"}}, {"rcpt", {"250 ok", "550 5.1.1 unknown"}}};
  ScriptedSmtp server{[&](int) { return script; }};
  SmtpRelay relay = to(server, 5s);
  EXPECT_EQ(relay.send(mail()).stage, Stage::accepted);
  EXPECT_NE(relay.send(mail()).stage, Stage::accepted) << "the server has refused this one";
}

TEST_F(SmtpRelayTest, LetsNoAddressSpeakSmtp) {
  ScriptedSmtp server;
  SmtpRelay relay = to(server);
  for (const char* address : {"a@b>\r\nDATA", "a b@example.com", "<a@example.com", "nobody", "", "a@b\n"}) {
    const Reply reply = relay.send(mail(address));
    EXPECT_EQ(reply.code, 501) << address;
    EXPECT_EQ(judge(reply), Verdict::fail) << address;
    Mail from_there = mail();
    from_there.sender = address;
    EXPECT_EQ(relay.send(from_there).stage, Stage::mail) << address;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(SmtpRelayTest, LogsInAsItIsToldAndKeepsTheWordsOfARefusal) {
  const std::string offer = "250-scripted\r\n250 AUTH PLAIN LOGIN";
  for (const auto& [answer, verdict] : std::vector<std::pair<std::string, Verdict>>{
           {"235 2.7.0 welcome", Verdict::delivered},
           {"535 5.7.139 Authentication unsuccessful, basic authentication is disabled", Verdict::relay_configuration},
           {"534 5.7.9 Application-specific password required", Verdict::relay_configuration},
           {"454 4.7.0 Temporary authentication failure", Verdict::relay},
           {"421 4.7.0 later\r\nCLOSE", Verdict::relay},
           {"CLOSE", Verdict::relay}}) {
    ScriptedSmtp server{Script{{"ehlo", {offer}}, {"auth", {"334 "}}, {"agcachc=", {answer}}}};
    SmtpRelay::Options options{"default", "127.0.0.1", server.port(), "x.example", 10s};
    options.user = "g";
    options.password = "pw";
    options.auth = RelayAuth::plain;
    SmtpRelay relay{options};
    // A continuation is no verb of the script: it is found by the base64 of NUL g NUL pw.
    const Reply reply = relay.send(mail());
    EXPECT_EQ(judge(reply), verdict) << answer << " / " << reply.text;
    if (verdict == Verdict::relay_configuration) {
      EXPECT_EQ(reply.text, answer);
    }
    EXPECT_EQ(reply.text.find("AGcAcHc="), std::string::npos);
    EXPECT_EQ(server.mails().size(), verdict == Verdict::delivered ? 1U : 0U);
  }
}

TEST_F(SmtpRelayTest, SendsNothingWithoutTheLoginItHas) {
  for (const char* offer : {"250 scripted", "250-scripted\r\n250 AUTH GSSAPI"}) {
    ScriptedSmtp server{Script{{"ehlo", {offer}}}};
    SmtpRelay::Options options{"default", "127.0.0.1", server.port(), "x.example", 10s};
    options.user = "g";
    options.password = "pw";
    SmtpRelay relay{options};
    const Reply reply = relay.send(mail());
    EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(Stage::auth)) << reply.text;
    EXPECT_EQ(judge(reply), Verdict::relay_configuration);
    EXPECT_EQ(server.commands().size(), 1U) << "no more than a greeting";
  }
}

TEST_F(SmtpRelayTest, NeverSpeaksInClearWhereTlsIsAskedFor) {
  for (const auto& [ehlo, stage] : std::vector<std::pair<std::string, Stage>>{
           {"250 scripted", Stage::starttls}, {"502 what", Stage::ehlo}, {"250 STARTTLS", Stage::tls}}) {
    ScriptedSmtp server{Script{{"ehlo", {ehlo}}, {"starttls", {"220 go on\r\nCLOSE"}}}};
    SmtpRelay::Options options{"default", "127.0.0.1", server.port(), "x.example", 10s};
    options.tls = SmtpRelay::Tls::starttls;
    SmtpRelay relay{options};
    const Reply reply = relay.send(mail());
    EXPECT_EQ(static_cast<int>(reply.stage), static_cast<int>(stage)) << ehlo << " / " << reply.text;
    for (const std::string& command : server.commands()) EXPECT_FALSE(command.starts_with("MAIL")) << command;
  }
}

TEST_F(SmtpRelayTest, CarriesALargeMailWhole) {
  ScriptedSmtp server;
  SmtpRelay relay = to(server);
  std::string text = "Subject: large\r\n\r\n";
  for (int i = 0; i < 20'000; ++i) text += ".." + std::to_string(i) + std::string(60, 'z') + "\r\n";
  EXPECT_EQ(relay.send(mail("a@example.com", text)).stage, Stage::accepted);
  ASSERT_EQ(server.mails().size(), 1U);
  EXPECT_TRUE(server.mails()[0] == text);
}

}  // namespace
}  // namespace sip2mail
