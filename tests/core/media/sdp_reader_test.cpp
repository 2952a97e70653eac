#include "src/media/sdp_reader.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "tests/fuzz/sdp_property.hpp"

namespace sip2mail {
namespace {

const std::filesystem::path kData{SIP2MAIL_SOURCE_DIR "/tests/data/sdp"};

std::string file(const std::filesystem::path& name) {
  std::ifstream in{kData / name, std::ios::binary};
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string session(std::string_view rest) {
  return "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n" + std::string{rest};
}

TEST(SdpReader, ReadsTheCodecsInTheirOrder) {
  const auto sdp = read_sdp(file("freepbx.sdp"));
  ASSERT_TRUE(sdp) << sdp.error();
  ASSERT_EQ(sdp->media.size(), 1U);
  const SdpMedia& media = sdp->media[0];
  EXPECT_EQ(media.kind, "audio");
  EXPECT_EQ(media.port, 16422);
  EXPECT_EQ(media.proto, "RTP/AVP");
  EXPECT_EQ(media.address->text(), "192.168.1.20");
  ASSERT_EQ(media.codecs.size(), 8U);
  EXPECT_EQ(media.codecs[2].encoding, "opus");
  EXPECT_EQ(media.codecs[2].clock, 48000U);
  EXPECT_EQ(media.codecs[2].channels, 2U);
  EXPECT_EQ(media.codecs[2].fmtp, "useinbandfec=1");
  EXPECT_EQ(media.ptime, 20U);
}

TEST(SdpReader, KnowsTheStaticPayloadTypesWithoutRtpmap) {
  const auto sdp = read_sdp(session("m=audio 5000 RTP/AVP 0 8 18\r\n"));
  ASSERT_TRUE(sdp);
  ASSERT_EQ(sdp->media[0].codecs.size(), 2U);
  EXPECT_EQ(sdp->media[0].codecs[0].encoding, "PCMU");
  EXPECT_EQ(sdp->media[0].codecs[1].encoding, "PCMA");
}

TEST(SdpReader, TakesBareLineFeeds) {
  const auto sdp = read_sdp("v=0\nc=IN IP4 192.0.2.9\nm=audio 5000 RTP/AVP 0\na=sendonly\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].address->text(), "192.0.2.9");
  EXPECT_EQ(sdp->media[0].direction, Direction::sendonly);
}

TEST(SdpReader, LetsTheMediaLevelWin) {
  const auto sdp = read_sdp(
      "v=0\r\nc=IN IP4 192.0.2.1\r\na=inactive\r\nm=audio 5000 RTP/AVP 0\r\nc=IN IP6 2001:db8::7\r\na=recvonly\r\n"
      "m=audio 5002 RTP/AVP 0\r\n");
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].address->text(), "2001:db8::7");
  EXPECT_EQ(sdp->media[0].direction, Direction::recvonly);
  EXPECT_EQ(sdp->media[1].address->text(), "192.0.2.1");
  EXPECT_EQ(sdp->media[1].direction, Direction::inactive);
}

TEST(SdpReader, NotesRtcpAndCrypto) {
  const auto baresip = read_sdp(file("baresip.sdp"));
  EXPECT_EQ(baresip->media[0].rtcp_port, 19153);
  EXPECT_TRUE(read_sdp(file("3cx.sdp"))->media[0].rtcp_mux);
  EXPECT_TRUE(read_sdp(file("snom-crypto.sdp"))->media[0].crypto);
}

TEST(SdpReader, IsLenientOnLinesThatAreNotUsed) {
  ASSERT_TRUE(read_sdp(file("rfc4475-rtpmap.sdp")));
  const auto sdp =
      read_sdp(session("garbage\r\nz=\r\nm=audio 5000/2 RTP/AVP 0\r\na=rtpmap:x\r\na=ptime:many\r\na=\r\n"));
  ASSERT_TRUE(sdp);
  EXPECT_EQ(sdp->media[0].port, 5000);
}

TEST(SdpReader, KeepsEveryMLine) {
  const auto sdp = read_sdp(file("video.sdp"));
  ASSERT_EQ(sdp->media.size(), 3U);
  EXPECT_EQ(sdp->media[0].kind, "video");
  EXPECT_EQ(sdp->media[2].formats, std::vector<std::string>{"100"});
}

TEST(SdpReader, SaysWhatIsWrong) {
  EXPECT_EQ(read_sdp(file("bad-format.sdp")).error(), "an m-line with a format that is no token");
  EXPECT_EQ(read_sdp(file("bad-quoted-format.sdp")).error(), "an m-line with a format that is no token");
  EXPECT_EQ(read_sdp(file("bad-port.sdp")).error(), "an m-line whose port is not 0 to 65535");
  EXPECT_EQ(read_sdp(file("bad-port-negative.sdp")).error(), "an m-line whose port is not 0 to 65535");
  EXPECT_EQ(read_sdp("").error(), "no session description: it does not begin with v=");
  EXPECT_EQ(read_sdp("hello").error(), "no session description: it does not begin with v=");
  EXPECT_EQ(read_sdp(session("")).error(), "a session description without an m-line");
  EXPECT_EQ(read_sdp(session("m=audio 5000 RTP/AVP\r\n")).error(), "an m-line without a format");
  EXPECT_EQ(read_sdp(session("m=audio 5000\r\n")).error(), "an m-line without medium or transport");
}

TEST(SdpReader, IsBounded) {
  EXPECT_FALSE(read_sdp(session("m=audio 5000 RTP/AVP 0\r\n" + std::string(64 * 1024, 'a'))));
  std::string lines;
  for (int i = 0; i < 2001; ++i) lines += "a=x\r\n";
  EXPECT_FALSE(read_sdp(session(lines)));
  std::string media;
  for (int i = 0; i < 33; ++i) media += "m=audio 5000 RTP/AVP 0\r\n";
  EXPECT_FALSE(read_sdp(session(media)));
  std::string formats = "m=audio 5000 RTP/AVP";
  for (int i = 0; i < 65; ++i) formats += " 0";
  EXPECT_FALSE(read_sdp(session(formats + "\r\n")));
  EXPECT_FALSE(read_sdp(session("m=" + std::string(65, 'a') + " 5000 RTP/AVP 0\r\n")));
}

TEST(SdpReader, SurvivesTenThousandMutations) {
  std::vector<std::string> seeds;
  for (const auto& entry : std::filesystem::directory_iterator{kData}) seeds.push_back(file(entry.path().filename()));
  ASSERT_GE(seeds.size(), 15U);
  std::sort(seeds.begin(), seeds.end());
  std::mt19937 random{20260301};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random()) % n; };
  for (int round = 0; round < 10'000; ++round) {
    std::string text = seeds[below(seeds.size())];
    for (std::size_t change = below(8); change > 0; --change) {
      const std::size_t at = below(text.size());
      const std::string& other = seeds[below(seeds.size())];
      switch (below(5)) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, below(20));
          break;
        case 2:
          text.insert(at, other, below(other.size()), below(80));
          break;
        case 3:
          text.insert(at, 1, " /:=\r\n0"[below(7)]);
          break;
        default:
          text.insert(at, text, at, below(40));
          break;
      }
      if (text.empty()) text = "v";
    }
    ASSERT_EQ(broken_sdp_property(text), "") << text;
  }
}

}  // namespace
}  // namespace sip2mail
