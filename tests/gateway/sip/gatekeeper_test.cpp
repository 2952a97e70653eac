#include "gateway/sip/gatekeeper.hpp"

#include <gtest/gtest.h>

#include "tests/gateway/sip/sip_bench.hpp"

namespace sip2mail {
namespace {

Settings settings_for_tests() {
  Settings settings;
  settings.sip.listen = {{Transport::udp, {*Address::parse("127.0.0.1"), 0}}};
  settings.sip.trusted = {*Network::parse("127.0.0.1")};
  settings.sip.trusted_is_set = true;
  settings.sip.mailbox_sources = {MailboxSource::request_uri};
  settings.sip.max_calls = 10;
  settings.mailboxes = {{"2001", {"taro@example.com"}, "", "test"}};
  settings.message.max_size = 1000;
  return settings;
}

class GatekeeperTest : public testing::Test {
 protected:
  GatekeeperTest() {
    endpoint.on_arrival([this](Arrival&& arrival) { gatekeeper.receive(std::move(arrival)); });
    const std::string listening = endpoint.listening();
    port = static_cast<std::uint16_t>(std::stoi(listening.substr(listening.rfind(':') + 1)));
  }

  Endpoint gateway() const { return {*Address::parse("127.0.0.1"), port}; }
  // The first answer to these bytes, "" when none came before an OPTIONS behind it was answered.
  std::string ask(SipPeer& peer, const std::string& bytes) {
    peer.send(bytes, gateway());
    peer.send(peer.request("OPTIONS", "sip:marker@gateway"), gateway());
    std::string first;
    std::optional<std::string> got;
    turn_until(loop, [&] { return (got = peer.receive()).has_value(); });
    if (got && got->find("marker") == std::string::npos && got->find("CSeq: 1 OPTIONS") == std::string::npos) {
      first = *got;
      turn_until(loop, [&] { return (got = peer.receive()).has_value(); });
    }
    EXPECT_TRUE(got) << "the gateway does not answer any more";
    return first;
  }

  Settings settings = settings_for_tests();
  Health health;
  Log log{LogFormat::logfmt, Level::error};
  SipLoop loop;
  SipEndpoint endpoint{loop, settings, [this](const Address& a) { return contains(settings.sip.trusted, a); }, log};
  int calls = 0;
  int texts = 0;
  bool door_fails = false;
  Gatekeeper gatekeeper{std::make_shared<const Settings>(settings),
                        health,
                        log,
                        {[this](Arrival&& arrival, const Request&, const Resolution&) {
                           ++calls;
                           if (door_fails) throw std::runtime_error{"too many open files"};
                           reply(std::move(arrival), {.status = 486, .phrase = "Test"});
                         },
                         [this](Arrival&& arrival, const Request&, const Resolution&) {
                           ++texts;
                           reply(std::move(arrival), {.status = 202, .phrase = "Accepted"});
                         }}};
  std::uint16_t port = 0;
  SipPeer pbx{"127.0.0.1"};
};

TEST_F(GatekeeperTest, AdmitsATrustedPeer) {
  EXPECT_EQ(status_line(ask(pbx, pbx.request("MESSAGE", "sip:2001@gateway"))), "SIP/2.0 202 Accepted");
  EXPECT_EQ(status_line(ask(pbx, pbx.request("INVITE", "sip:2001@gateway"))), "SIP/2.0 486 Test");
  EXPECT_EQ(texts, 1);
  EXPECT_EQ(calls, 1);
}

TEST_F(GatekeeperTest, SendsThePbxOnWhenACallCannotBegin) {
  door_fails = true;
  const std::string answer = ask(pbx, pbx.request("INVITE", "sip:2001@gateway"));
  EXPECT_EQ(status_line(answer), "SIP/2.0 503 Service Unavailable");
  EXPECT_NE(answer.find("Retry-After: "), std::string::npos);
}

TEST_F(GatekeeperTest, AnswersAStrangerWithOneDatagramWhateverItSends) {
  SipPeer stranger{"127.0.0.2"};
  for (const char* method : {"INVITE", "MESSAGE", "OPTIONS", "REGISTER", "BYE", "CANCEL", "FOO"}) {
    stranger.send(stranger.request(method, "sip:2001@gateway"), gateway());
    std::optional<std::string> got;
    ASSERT_TRUE(turn_until(loop, [&] { return (got = stranger.receive()).has_value(); })) << method;
    EXPECT_EQ(status_line(*got), "SIP/2.0 403 Forbidden") << method;
    EXPECT_LT(got->size(), 700U);
  }
  stranger.send(stranger.request("ACK", "sip:2001@gateway"), gateway());
  ask(pbx, "");
  EXPECT_FALSE(stranger.receive());
  EXPECT_EQ(calls + texts, 0);
}

// The one behind which NAT hides strangers, while sip.trusted is not set.
TEST_F(GatekeeperTest, RefusesTheDefaultGatewayOfItsContainer) {
  settings.sip.trusted = {*Network::parse("127.0.0.0/8")};
  settings.sip.trusted_is_set = false;
  settings.sip.container_gateways = {*Address::parse("127.0.0.2")};
  SipPeer bridge{"127.0.0.2"};
  testing::internal::CaptureStdout();
  {
    Log seen{LogFormat::logfmt, Level::warning};
    Gatekeeper in_container{std::make_shared<const Settings>(settings), health, seen, {}};
    endpoint.on_arrival([&](Arrival arrival) { in_container.receive(std::move(arrival)); });
    EXPECT_EQ(status_line(ask(bridge, bridge.request("MESSAGE", "sip:2001@gateway"))), "SIP/2.0 403 Forbidden");
    EXPECT_TRUE(in_container.trusts(*Address::parse("127.0.0.3")));
    endpoint.on_arrival({});
  }
  const std::string lines = testing::internal::GetCapturedStdout();
  EXPECT_NE(lines.find("the default gateway of this container is not trusted"), std::string::npos) << lines;
  EXPECT_NE(lines.find("remedy=\"sip.trusted = the address of the PBX"), std::string::npos) << lines;
}

TEST_F(GatekeeperTest, SaysWhatItDoesNotKnow) {
  const auto status = [&](const std::string& bytes) { return status_line(ask(pbx, bytes)); };
  EXPECT_EQ(status(pbx.request("INVITE", "sip:9999@gateway")), "SIP/2.0 404 Not Found");
  EXPECT_EQ(status(pbx.request("REGISTER", "sip:gateway")), "SIP/2.0 405 Method Not Allowed");
  EXPECT_EQ(status(pbx.request("FOO", "sip:2001@gateway")), "SIP/2.0 501 Not Implemented");
  EXPECT_EQ(status(pbx.request("CANCEL", "sip:2001@gateway")), "SIP/2.0 481 Call/Transaction Does Not Exist");
  EXPECT_EQ(status(pbx.request("INVITE", "sip:2001@gateway", "", "", "SIP/3.0")), "SIP/2.0 505 Version Not Supported");
}

TEST_F(GatekeeperTest, TakesNothingWhileItCannotStore) {
  health.set(Health::disk_low, true);
  EXPECT_EQ(status_line(ask(pbx, pbx.request("INVITE", "sip:2001@gateway"))), "SIP/2.0 503 Service Unavailable");
  const std::string answer = ask(pbx, pbx.request("MESSAGE", "sip:2001@gateway"));
  EXPECT_NE(answer.find("Retry-After: 10"), std::string::npos);
  EXPECT_NE(answer.find("queue.min-free"), std::string::npos);
  EXPECT_EQ(calls + texts, 0);
}

TEST_F(GatekeeperTest, TakesTextsWhileOnlyTheRecorderIsBehind) {
  health.set(Health::recorder_behind, true);
  EXPECT_EQ(status_line(ask(pbx, pbx.request("INVITE", "sip:2001@gateway"))), "SIP/2.0 503 Service Unavailable");
  static_cast<void>(ask(pbx, pbx.request("MESSAGE", "sip:2001@gateway")));
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(texts, 1);
}

// The packets behind the holes that the library guard closes.

TEST_F(GatekeeperTest, DropsAViaThatCannotBeAnswered) {
  for (const char* sent_by : {"127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:5060;maddr=127.0.0.3"}) {
    std::string invite = pbx.request("INVITE", "sip:2001@gateway");
    const auto begin = invite.find("UDP ") + 4;
    invite.replace(begin, invite.find(";branch") - begin, sent_by);
    EXPECT_EQ(ask(pbx, invite), "") << sent_by;
    std::string ack = invite;
    ack.replace(0, 6, "ACK");
    ack.replace(ack.find("CSeq: 1 INVITE"), 14, "CSeq: 1 ACK");
    EXPECT_EQ(ask(pbx, ack), "") << sent_by;
  }
  EXPECT_EQ(calls, 0);
}

TEST_F(GatekeeperTest, AnswersAForeignVersionToItsSourceOnly) {
  SipPeer stranger{"127.0.0.2"};
  SipPeer victim{"127.0.0.3"};
  std::string invite = stranger.request("INVITE", "sip:2001@gateway", "", "", "SIP/7.0");
  const auto begin = invite.find("UDP ") + 4;
  invite.replace(begin, invite.find(";rport") - begin, victim.local().text());
  stranger.send(invite, gateway());
  std::optional<std::string> got;
  ASSERT_TRUE(turn_until(loop, [&] { return (got = stranger.receive()).has_value(); }));
  EXPECT_EQ(status_line(*got), "SIP/2.0 403 Forbidden");
  EXPECT_FALSE(victim.receive());
}

TEST_F(GatekeeperTest, RefusesHeadersThatNoReplyCouldCarry) {
  std::string invite = pbx.request("INVITE", "sip:2001@gateway");
  invite.replace(invite.find("Call-ID: ") + 9, 2, std::string(60000, 'x'));
  EXPECT_NE(status_line(ask(pbx, invite)), "SIP/2.0 486 Test");
  EXPECT_EQ(calls, 0);
}

TEST_F(GatekeeperTest, SaysWhichAddressesAndExtensionsItDoesNotKnow) {
  for (const char* method : {"INVITE", "MESSAGE"}) {
    EXPECT_EQ(status_line(ask(pbx, pbx.request(method, "http://gateway/2001"))), "SIP/2.0 416 Unsupported URI Scheme");
    EXPECT_EQ(status_line(ask(pbx, pbx.request(method, "soap.beep://192.0.2.103:3002"))),
              "SIP/2.0 416 Unsupported URI Scheme");
  }
  const std::string answer =
      ask(pbx, pbx.request("MESSAGE", "sip:2001@gateway", "Require: foo, bar\r\nRequire: x\r\n"));
  EXPECT_EQ(status_line(answer), "SIP/2.0 420 Bad Extension");
  EXPECT_NE(answer.find("\r\nUnsupported: foo, bar, x\r\n"), std::string::npos) << answer;
  EXPECT_EQ(calls + texts, 0);
}

TEST_F(GatekeeperTest, DoesNotSpeakStun) {
  std::string binding{"\x00\x01\x00\x00\x21\x12\xA4\x42", 8};
  binding += "abcdefghijkl";
  EXPECT_EQ(ask(pbx, binding), "");
}

TEST_F(GatekeeperTest, AdoptsOtherSettings) {
  EXPECT_EQ(status_line(ask(pbx, pbx.request("MESSAGE", "sip:2002@gateway"))), "SIP/2.0 404 Not Found");
  Settings next = settings;
  next.mailboxes.push_back({"2002", {"hanako@example.com"}, "", "test"});
  gatekeeper.adopt(std::make_shared<const Settings>(next));
  EXPECT_EQ(status_line(ask(pbx, pbx.request("MESSAGE", "sip:2002@gateway"))), "SIP/2.0 202 Accepted");
  next.sip.trusted = {*Network::parse("192.0.2.1")};
  gatekeeper.adopt(std::make_shared<const Settings>(next));
  EXPECT_EQ(status_line(ask(pbx, pbx.request("MESSAGE", "sip:2002@gateway"))), "SIP/2.0 403 Forbidden");
}

TEST_F(GatekeeperTest, LimitsTheRateOfOneAddress) {
  settings.sip.max_rate = 1;
  Gatekeeper strict{std::make_shared<const Settings>(settings),
                    health,
                    log,
                    {[](Arrival, const Request&, const Resolution&) {},
                     [](Arrival&& arrival, const Request&, const Resolution&) {
                       reply(std::move(arrival), {.status = 202, .phrase = "Accepted"});
                     }}};
  endpoint.on_arrival([&](Arrival&& arrival) { strict.receive(std::move(arrival)); });
  bool refused = false;
  for (int i = 0; i < 3; ++i)
    refused |= status_line(ask(pbx, pbx.request("MESSAGE", "sip:2001@gateway"))) == "SIP/2.0 503 Service Unavailable";
  EXPECT_TRUE(refused);
}

// A stranger's connections that never send a byte.
}  // namespace
}  // namespace sip2mail
