#include "src/media/rtp_packet.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "src/media/telephone_event.hpp"

namespace sip2mail {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes packet(std::uint8_t first, const Bytes& rest) {
  Bytes out{first, 0x80, 0x12, 0x34, 1, 2, 3, 4, 0xA, 0xB, 0xC, 0xD};
  out.insert(out.end(), rest.begin(), rest.end());
  return out;
}

std::optional<Bytes> payload(const Bytes& datagram) {
  const auto parsed = parse_rtp(datagram);
  if (!parsed) return std::nullopt;
  return Bytes{parsed->payload.begin(), parsed->payload.end()};
}

TEST(RtpPacket, ReadsWhatItWrites) {
  RtpPacket out;
  out.payload_type = 101;
  out.marker = true;
  out.sequence = 0xFFFE;
  out.timestamp = 0x80000001;
  out.ssrc = 0xDEADBEEF;
  const auto header = rtp_header(out);
  const auto in = parse_rtp(header);
  ASSERT_TRUE(in);
  EXPECT_EQ(in->payload_type, 101);
  EXPECT_TRUE(in->marker);
  EXPECT_EQ(in->sequence, 0xFFFE);
  EXPECT_EQ(in->timestamp, 0x80000001U);
  EXPECT_EQ(in->ssrc, 0xDEADBEEFU);
  EXPECT_TRUE(in->payload.empty());
}

TEST(RtpPacket, PassesOverCsrcsExtensionAndPadding) {
  EXPECT_EQ(payload(packet(0x80, {7, 8})), (Bytes{7, 8}));
  EXPECT_EQ(payload(packet(0x82, {0, 0, 0, 1, 0, 0, 0, 2, 7})), Bytes{7});
  EXPECT_EQ(payload(packet(0x90, {0xBE, 0xDE, 0, 1, 9, 9, 9, 9, 7})), Bytes{7});
  EXPECT_EQ(payload(packet(0xA0, {7, 0, 0, 3})), Bytes{7});
  EXPECT_EQ(payload(packet(0xB1, {0, 0, 0, 1, 0, 0, 0, 0, 7, 8, 2, 2})), (Bytes{7, 8}));
}

TEST(RtpPacket, RefusesWhatPointsBeyondItsEnd) {
  EXPECT_FALSE(parse_rtp({}));
  EXPECT_FALSE(parse_rtp(Bytes(11, 0x80)));
  EXPECT_FALSE(parse_rtp(packet(0x40, {7})));                    // version 1
  EXPECT_FALSE(parse_rtp(packet(0x8F, {7})));                    // 15 CSRCs
  EXPECT_FALSE(parse_rtp(packet(0x90, {0xBE, 0xDE, 0})));        // half an extension
  EXPECT_FALSE(parse_rtp(packet(0x90, {0, 0, 0xFF, 0xFF, 1})));  // a long one
  EXPECT_FALSE(parse_rtp(packet(0xA0, {})));                     // padding of nothing
  EXPECT_FALSE(parse_rtp(packet(0xA0, {7, 0})));                 // of no byte
  EXPECT_FALSE(parse_rtp(packet(0xA0, {7, 3})));                 // of too many
}

TEST(RtpPacket, KnowsRtcpOnTheSamePort) {
  Bytes report(28, 0);
  report[0] = 0x80;
  report[1] = 200;
  EXPECT_TRUE(looks_like_rtcp(report));
  EXPECT_FALSE(parse_rtp(report));
  report[1] = 0x80 | 101;
  EXPECT_FALSE(looks_like_rtcp(report));
}

TEST(RtpPacket, SurvivesAnything) {
  std::mt19937 random{3};
  for (int round = 0; round < 20'000; ++round) {
    Bytes bytes(random() % 60);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    if (!bytes.empty()) bytes[0] = static_cast<std::uint8_t>(0x80 | (bytes[0] & 0x3F));
    const auto parsed = parse_rtp(bytes);
    ASSERT_TRUE(!parsed || parsed->payload.size() <= bytes.size() - kRtpHeader);
  }
}

class Keys {
 public:
  std::string press(std::uint8_t event, std::uint32_t timestamp, std::uint16_t duration, bool end = false,
                    std::uint32_t ssrc = 1) {
    const Bytes body{event, static_cast<std::uint8_t>(end ? 0x8A : 0x0A), static_cast<std::uint8_t>(duration >> 8),
                     static_cast<std::uint8_t>(duration & 0xFF)};
    RtpPacket packet;
    packet.timestamp = timestamp;
    packet.ssrc = ssrc;
    packet.payload = body;
    const auto key = events_.on(packet);
    return key ? std::string{*key} : "";
  }

 private:
  TelephoneEvents events_;
};

TEST(TelephoneEvents, TellEachKeyOnce) {
  Keys keys;
  EXPECT_EQ(keys.press(11, 1000, 160), "#");
  EXPECT_EQ(keys.press(11, 1000, 320), "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(keys.press(11, 1000, 480, true), "");
  EXPECT_EQ(keys.press(11, 3000, 160), "#");
  EXPECT_EQ(keys.press(0, 5000, 160), "0");
  EXPECT_EQ(keys.press(15, 7000, 160), "D");
}

TEST(TelephoneEvents, NeedNeitherBeginningNorEnd) {
  Keys keys;
  EXPECT_EQ(keys.press(11, 1000, 480, true), "#");  // only an end came
  EXPECT_EQ(keys.press(11, 1000, 480, true), "");
  EXPECT_EQ(keys.press(10, 3000, 160), "*");  // no end came
  EXPECT_EQ(keys.press(10, 5000, 160), "*");  // the same key again
}

TEST(TelephoneEvents, IgnoreWhatCameLate) {
  Keys keys;
  EXPECT_EQ(keys.press(1, 1000, 160), "1");
  EXPECT_EQ(keys.press(2, 3000, 160), "2");
  EXPECT_EQ(keys.press(1, 1000, 480, true), "");
}

TEST(TelephoneEvents, ALongPressIsOneKey) {  // RFC 4733 2.5.1.3
  Keys keys;
  EXPECT_EQ(keys.press(11, 1000, 0xFFFF), "#");
  EXPECT_EQ(keys.press(11, 1000 + 0xFFFF, 160), "");
  EXPECT_EQ(keys.press(11, 1000 + 0xFFFF, 320, true), "");
}

TEST(TelephoneEvents, AreNoHookFlashAndNoRuin) {
  Keys keys;
  EXPECT_EQ(keys.press(16, 1000, 160), "");
  EXPECT_EQ(keys.press(255, 1000, 160), "");
  TelephoneEvents events;
  EXPECT_FALSE(events.on(RtpPacket{}));
}

TEST(TelephoneEvents, BeginAnewWithAnotherSource) {
  Keys keys;
  EXPECT_EQ(keys.press(11, 0x80000000, 160), "#");
  EXPECT_EQ(keys.press(11, 5, 160, false, 2), "#");
}

TEST(InfoKey, IsReadFromBothKindsOfBody) {
  EXPECT_EQ(key_of_info("application/dtmf-relay", "Signal=#\r\nDuration=160\r\n"), '#');
  EXPECT_EQ(key_of_info("Application/DTMF-Relay;x=y", "Duration=160\nSIGNAL = 5"), '5');
  EXPECT_EQ(key_of_info("application/dtmf-relay", "Signal=11\r\n"), '#');
  EXPECT_EQ(key_of_info("application/dtmf", " d\r\n"), 'D');
  EXPECT_EQ(key_of_info("application/dtmf", "10"), '*');
}

TEST(InfoKey, IsNothingElse) {
  EXPECT_FALSE(key_of_info("application/dtmf", ""));
  EXPECT_FALSE(key_of_info("application/dtmf", "12"));
  EXPECT_FALSE(key_of_info("application/dtmf-relay", "Signal"));
  EXPECT_FALSE(key_of_info("application/dtmf-relay", "Signal="));
  EXPECT_FALSE(key_of_info("application/dtmf-relay", "Duration=1"));
  EXPECT_FALSE(key_of_info("application/media_control+xml", "5"));
  EXPECT_FALSE(key_of_info("", "5"));
}

}  // namespace
}  // namespace sip2mail
