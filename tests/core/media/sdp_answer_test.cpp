#include "src/media/sdp_answer.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace sip2mail {
namespace {

SdpTerms terms(std::string_view address = "198.51.100.1") {
  return {{Codec::pcma, Codec::pcmu}, *Address::parse(address), 20000, 77, 3};
}

Sdp offer(const std::string& name) {
  std::ifstream in{SIP2MAIL_SOURCE_DIR "/tests/data/sdp/" + name + ".sdp", std::ios::binary};
  auto sdp = read_sdp(std::string{std::istreambuf_iterator<char>{in}, {}});
  EXPECT_TRUE(sdp) << name;
  return sdp.value_or(Sdp{});
}

Sdp audio(const std::string& lines, const std::string& address = "192.0.2.9") {
  return *read_sdp("v=0\r\nc=IN IP4 " + address + "\r\nm=audio 5000 RTP/AVP 0\r\n" + lines);
}

TEST(SdpAnswer, IsWrittenInFull) {
  const auto answer = answer_offer(offer("asterisk"), terms());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->text,
            "v=0\r\no=sip2mail 77 3 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"
            "m=audio 20000 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
            "a=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n");
  EXPECT_EQ(answer->remote.text(), "192.0.2.10:12014");
}

TEST(SdpAnswer, TakesThePeersFirstCodecThatWeAccept) {  // RFC 3264 6.1, and the event whose clock fits
  struct Expected {
    const char* name;
    Codec codec;
    std::optional<int> event;
  };
  for (const auto& [name, codec, event] : std::vector<Expected>{{"freepbx", Codec::pcmu, 103},
                                                                {"freeswitch", Codec::pcmu, 101},
                                                                {"cucm", Codec::pcmu, 101},
                                                                {"3cx", Codec::pcma, 101},
                                                                {"linphone", Codec::pcmu, 100},
                                                                {"baresip", Codec::pcmu, 101},
                                                                {"video", Codec::pcma, 127},
                                                                {"snom-crypto", Codec::pcmu, 101},
                                                                {"avaya", Codec::pcmu, 120},
                                                                {"audiocodes", Codec::pcma, 96},
                                                                {"cisco-spa", Codec::pcmu, 101},
                                                                {"grandstream", Codec::pcmu, 101},
                                                                {"polycom-g722-first", Codec::pcmu, 127},
                                                                {"twilio", Codec::pcmu, 101},
                                                                {"sipp", Codec::pcmu, std::nullopt},
                                                                {"rfc4475-rtpmap", Codec::pcmu, std::nullopt}}) {
    const auto answer = answer_offer(offer(name), terms());
    ASSERT_TRUE(answer) << name << ": " << answer.error();
    EXPECT_EQ(answer->codec, codec) << name;
    EXPECT_EQ(answer->event_payload_type ? std::optional{int{*answer->event_payload_type}} : std::nullopt, event)
        << name;
  }
}

TEST(SdpAnswer, HoldsAtTheSessionLevelAndRefusesWhatIsOnlySecure) {
  const auto held = answer_offer(offer("mitel-session-hold"), terms());
  ASSERT_TRUE(held);
  EXPECT_FALSE(held->receives);
  EXPECT_TRUE(held->remote.address.is_unspecified());
  EXPECT_FALSE(answer_offer(offer("teams-direct-routing"), terms()));
}

TEST(SdpAnswer, TakesNoEventsOnTheTypeOfItsCodec) {  // or all sound would be taken for keys
  const auto answer = answer_offer(*read_sdp("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 5000 RTP/AVP 0 0\r\n"
                                             "a=rtpmap:0 PCMU/8000\r\na=rtpmap:0 telephone-event/8000\r\n"),
                                   terms());
  ASSERT_TRUE(answer);
  EXPECT_FALSE(answer->event_payload_type);
  const auto own = answer_offer(*read_sdp("v=0\r\nc=IN IP4 192.0.2.9\r\nm=audio 5000 RTP/AVP 8 0 0\r\n"
                                          "a=rtpmap:0 telephone-event/8000\r\n"),
                                terms());
  ASSERT_TRUE(own);
  EXPECT_EQ(own->event_payload_type, 0);
}

TEST(SdpAnswer, MirrorsEveryMLine) {
  const auto answer = answer_offer(offer("video"), terms());
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->text.find("m=video 0 RTP/AVP 109\r\nm=audio 20000 RTP/AVP 8 127\r\n"), std::string::npos);
  EXPECT_NE(answer->text.find("a=sendrecv\r\nm=application 0 RTP/AVP 100\r\n"), std::string::npos);
  const auto fax = answer_offer(offer("audio-and-t38"), terms());
  EXPECT_NE(fax->text.find("m=image 0 udptl t38\r\n"), std::string::npos);
}

TEST(SdpAnswer, AnswersTheOfferedProfileWithoutCrypto) {
  EXPECT_NE(answer_offer(offer("linphone"), terms())->text.find("m=audio 20000 RTP/AVPF 0 100"), std::string::npos);
  EXPECT_EQ(answer_offer(offer("snom-crypto"), terms())->text.find("crypto"), std::string::npos);
}

TEST(SdpAnswer, PassesOverAnAudioLineThatWillNotDo) {
  const auto answer = answer_offer(offer("yealink-savp"), terms());
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->text.find("m=audio 0 RTP/SAVP 0\r\nm=audio 20000 RTP/AVP 0 101\r\n"), std::string::npos);
  EXPECT_EQ(answer->remote.port, 11792);
}

TEST(SdpAnswer, RefusesInWords) {
  EXPECT_EQ(answer_offer(offer("g729-only"), terms()).error(), "none of its audio codecs is accepted here");
  EXPECT_EQ(answer_offer(offer("t38"), terms()).error(), "it offers no audio");
  EXPECT_EQ(answer_offer(offer("name-address"), terms()).error(), "its audio has no IP address (c=)");
  EXPECT_EQ(answer_offer(offer("webrtc"), terms()).error(),
            "its audio wants UDP/TLS/RTP/SAVPF, and only RTP/AVP is spoken here");
  EXPECT_EQ(answer_offer(*read_sdp("v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio 0 RTP/AVP 0\r\n"), terms()).error(),
            "its audio is switched off (port 0)");
  EXPECT_FALSE(answer_offer(audio("", "239.1.2.3/127"), terms()));
  EXPECT_FALSE(answer_offer(audio("", "255.255.255.255"), terms()));
  EXPECT_FALSE(answer_offer(audio(""), terms("2001:db8::1")));
}

TEST(SdpAnswer, MirrorsTheDirection) {
  const auto of = [](const std::string& direction, const std::string& address = "192.0.2.9") {
    const auto answer = answer_offer(audio("a=" + direction + "\r\n", address), terms());
    return std::string{to_text(answer->direction)} + (answer->receives ? " receives" : "");
  };
  EXPECT_EQ(of("sendrecv"), "sendrecv receives");
  EXPECT_EQ(of("sendonly"), "recvonly");
  EXPECT_EQ(of("recvonly"), "sendonly receives");
  EXPECT_EQ(of("inactive"), "inactive");
  EXPECT_EQ(of("sendrecv", "0.0.0.0"), "recvonly");  // hold of old
  EXPECT_EQ(of("recvonly", "0.0.0.0"), "inactive");
  const auto held = answer_offer(offer("cucm-hold"), terms());
  EXPECT_TRUE(held->remote.address.is_unspecified());
  EXPECT_FALSE(held->receives);
}

TEST(SdpAnswer, SpeaksIpv6) {
  const auto answer = answer_offer(offer("ipv6"), terms("2001:db8::1"));
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->text.find("c=IN IP6 2001:db8::1\r\n"), std::string::npos);
  EXPECT_EQ(answer->remote.text(), "[2001:db8::10]:40000");
  EXPECT_EQ(answer->direction, Direction::recvonly);
}

TEST(SdpAnswer, LetsAnRtpmapWinOverTheStaticMeaning) {
  EXPECT_FALSE(answer_offer(audio("a=rtpmap:0 speex/8000\r\n"), terms()));
  const auto dynamic =
      answer_offer(*read_sdp("v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 96\na=rtpmap:96 pcma/8000/1\n"), terms());
  ASSERT_TRUE(dynamic);
  EXPECT_EQ(dynamic->payload_type, 96);
  EXPECT_EQ(dynamic->codec, Codec::pcma);
}

TEST(OurOffer, OffersAllInOurOrder) {
  const std::string text = our_offer(terms());
  EXPECT_NE(text.find("m=audio 20000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
                      "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na=ptime:20\r\na=sendrecv\r\n"),
            std::string::npos);
}

TEST(OurOffer, ReadsWhatThePeerAnswered) {
  const auto answer = accept_answer(*read_sdp("v=0\r\nc=IN IP4 10.10.1.77\r\nm=audio 24580 RTP/AVP 0 101\r\n"
                                              "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
                                              "a=recvonly\r\n"),
                                    terms());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->codec, Codec::pcmu);
  EXPECT_EQ(answer->event_payload_type, 101);
  EXPECT_EQ(answer->remote.text(), "10.10.1.77:24580");
  EXPECT_EQ(answer->direction, Direction::sendonly);
  EXPECT_TRUE(answer->receives);
  EXPECT_FALSE(accept_answer(offer("video"), terms()));  // we offered one m-line, and it was audio
  EXPECT_FALSE(accept_answer(offer("t38"), terms()));
}

}  // namespace
}  // namespace sip2mail
