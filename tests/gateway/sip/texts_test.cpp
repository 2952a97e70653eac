#include "gateway/sip/texts.hpp"

#include <gtest/gtest.h>

#include "gateway/queue/reader.hpp"
#include "gateway/sip/request_reader.hpp"
#include "tests/gateway/queue/queue_fixture.hpp"
#include "tests/gateway/sip/sip_bench.hpp"

namespace sip2mail {
namespace {

class TextsTest : public testing::Test {
 protected:
  TextsTest() {
    settings.sip.listen = {{Transport::udp, {*Address::parse("127.0.0.1"), 0}}};
    settings.message.max_size = 1000;
    settings.mail.from = "voicemail@gateway.example";
    endpoint.emplace(
        loop, settings, [](const Address&) { return true; }, log);
    endpoint->on_arrival([this](Arrival&& arrival) {
      const Request request = read_request(*arrival.sip, arrival.source);
      texts.receive(std::move(arrival), request, {"2001", {"taro@example.com"}, "", "", nullptr});
    });
    loop.watch(reports.fd(), [this] {
      if (disk_stands) return;
      for (QueueReport& report : reports.drain()) texts.on(std::get<TextStored>(report));
    });
    const std::string listening = endpoint->listening();
    gateway = {*Address::parse("127.0.0.1"),
               static_cast<std::uint16_t>(std::stoi(listening.substr(listening.rfind(':') + 1)))};
  }

  std::string ask(const std::string& bytes) {
    peer.send(bytes, gateway);
    std::optional<std::string> got;
    EXPECT_TRUE(turn_until(loop, [&] { return (got = peer.receive()).has_value(); }));
    return got ? status_line(*got) : "";
  }
  std::size_t stored() const { return Reader{directory.path()}.list({}).size(); }

  bool disk_stands = false;  // nothing is reported: all that comes is kept
  TemporaryDirectory directory;
  Settings settings;
  Health health;
  Log log{LogFormat::logfmt, Level::error};
  SipLoop loop;
  Channel<QueueReport> reports;
  std::optional<Writer> writer{std::in_place, Writer::Options{directory.path(), {.min_length = 1s}}, health, log};
  // Not owned: a test changes it as it goes.
  Texts texts{{std::shared_ptr<const void>{}, &settings}, *writer, reports, log};
  std::optional<SipEndpoint> endpoint;
  Endpoint gateway;
  SipPeer peer;
};

TEST_F(TextsTest, IsOnDiskBeforeItIsAccepted) {
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "Grüße")),
            "SIP/2.0 202 Accepted");
  const auto items = Reader{directory.path()}.list({});
  ASSERT_EQ(items.size(), 1U);
  EXPECT_EQ(items[0].envelope.kind, Kind::text);
  EXPECT_EQ(items[0].envelope.caller, "0312345678");
  EXPECT_EQ(items[0].envelope.caller_name, "Taro");
  EXPECT_EQ(items[0].envelope.sender_domain, "gateway.example");
  EXPECT_TRUE(items[0].envelope.flags.unverified);
  EXPECT_EQ(Reader{directory.path()}.content(items[0].envelope.id)->parts[0].body, "Grüße");
}

TEST_F(TextsTest, ACopyIsAnsweredTheSameAndStoredOnce) {
  const std::string message = peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "once");
  EXPECT_EQ(ask(message), "SIP/2.0 202 Accepted");
  EXPECT_EQ(ask(message), "SIP/2.0 202 Accepted");
  EXPECT_EQ(stored(), 1U);
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "once")),
            "SIP/2.0 202 Accepted");
  EXPECT_EQ(stored(), 2U);
}

TEST_F(TextsTest, ACopyOfOneThatWaitsForTheDiskIsDropped) {
  const std::string message = peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "once");
  peer.send(message, gateway);
  peer.send(message, gateway);
  std::optional<std::string> got;
  EXPECT_TRUE(turn_until(loop, [&] { return (got = peer.receive()).has_value(); }));
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "next")),
            "SIP/2.0 202 Accepted");
  EXPECT_EQ(stored(), 2U);
  EXPECT_EQ(texts.kept(), 0U);
}

TEST_F(TextsTest, ACopyOverAnotherPathIsAnsweredToo) {
  disk_stands = true;
  std::string message = peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "once");
  peer.send(message, gateway);
  message.replace(message.find("z9hG4bK"), 7, "z9hG4bKforked");
  for (int i = 0; i < 20; ++i) peer.send(message, gateway);  // and its repetitions
  std::string next = peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", "next");
  peer.send(next, gateway);
  ASSERT_TRUE(turn_until(loop, [&] { return texts.kept() == 2; }));
  disk_stands = false;
  reports.push(TextStored{0, Refused{}});  // wakes it
  std::vector<std::string> answers;
  EXPECT_TRUE(turn_until(loop, [&] {
    if (const auto got = peer.receive()) answers.push_back(*got);
    return answers.size() == 3;
  }));
  int forked = 0;
  for (const std::string& answer : answers) {
    EXPECT_EQ(status_line(answer), "SIP/2.0 202 Accepted");
    forked += answer.find("z9hG4bKforked") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(forked, 1);
  EXPECT_EQ(stored(), 2U);
}

TEST_F(TextsTest, KeepsNoMoreBytesThanItsBound) {
  disk_stands = true;
  settings.message.max_size = 60'000;
  const std::string body(60'000, 'x');
  const auto message = [&] {
    return peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", body);
  };
  std::size_t kept = 0;
  for (; kept < Texts::kMostBytes / body.size(); ++kept) {
    peer.send(message(), gateway);
    if (!turn_until(loop, [&] { return texts.kept() > kept || peer.receive().has_value(); })) break;
    if (texts.kept() == kept) break;
  }
  EXPECT_GT(kept, 100U) << "two bodies and the headers are counted";
  EXPECT_LT(kept, Texts::kMostBytes / body.size());
  EXPECT_EQ(ask(message()), "SIP/2.0 503 Service Unavailable");
  disk_stands = false;
  reports.push(TextStored{0, Refused{}});  // wakes it
  EXPECT_TRUE(turn_until(loop, [&] { return texts.kept() == 0; }));
  EXPECT_EQ(ask(message()), "SIP/2.0 202 Accepted");
}

TEST_F(TextsTest, RefusesWhatIsTooLargeOrOfAnotherType) {
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: text/plain\r\n", std::string(1001, 'x'))),
            "SIP/2.0 413 Request Entity Too Large");
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: application/octet-stream\r\n", "x")),
            "SIP/2.0 415 Unsupported Media Type");
  EXPECT_EQ(ask(peer.request("MESSAGE", "sip:2001@gateway", "Content-Type: application/im-iscomposing+xml\r\n", "x")),
            "SIP/2.0 200 OK");
  EXPECT_EQ(stored(), 0U);
}

}  // namespace
}  // namespace sip2mail
