#include "src/delivery/transcript.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sip2mail {
namespace {

struct TranscriptTest : testing::Test {
  Transcript talk;
  void says(std::string_view command, std::string_view answer) {
    if (!command.empty()) talk.command(command);
    EXPECT_TRUE(talk.line(answer));
  }
  void reach_data() {
    says("", "220 ready\r\n");
    says("EHLO x\r\n", "250 hello\r\n");
    says("MAIL FROM:<a@b>\r\n", "250 ok\r\n");
    says("RCPT TO:<c@d>\r\n", "250 ok\r\n");
    says("DATA\r\n", "354 go on\r\n");
  }
};

TEST_F(TranscriptTest, EndsWithTheAnswerToTheDot) {
  reach_data();
  EXPECT_TRUE(talk.line("250-2.0.0 Ok\r\n"));
  EXPECT_TRUE(talk.line("250 2.0.0 queued\r\n"));
  const Reply reply = talk.reply(Ended::well, "");
  EXPECT_EQ(reply.stage, Stage::accepted);
  EXPECT_EQ(reply.text, "250-2.0.0 Ok 250 2.0.0 queued");
}

TEST_F(TranscriptTest, DoesNotCallAHalfAnswerAnAcceptance) {
  reach_data();
  EXPECT_TRUE(talk.line("250-2.0.0 Ok\r\n"));
  EXPECT_EQ(talk.reply(Ended::lost, "closed").stage, Stage::unknown);
}

TEST_F(TranscriptTest, KeepsAnAcceptanceWhateverComesAfterIt) {
  reach_data();
  EXPECT_TRUE(talk.line("250 queued\r\n"));
  talk.command("QUIT\r\n");
  EXPECT_TRUE(talk.line("garbage\r\n"));
  EXPECT_EQ(talk.reply(Ended::lost, "closed").stage, Stage::accepted);
}

TEST_F(TranscriptTest, DoesNotTakeTheLastGoodAnswerForTheReasonOfALoss) {
  says("", "220 ready\r\n");
  says("EHLO x\r\n", "250 hello\r\n");
  talk.command("MAIL FROM:<a@b>\r\n");
  const Reply reply = talk.reply(Ended::lost, "connection reset");
  EXPECT_EQ(reply.stage, Stage::mail);
  EXPECT_EQ(reply.code, 0);
  EXPECT_EQ(reply.text, "connection reset");
}

TEST_F(TranscriptTest, TakesNoAnswerToAChallengeForACommand) {
  says("", "220 ready\r\n");
  says("EHLO x\r\n", "250-hello\r\n");
  EXPECT_TRUE(talk.line("250 AUTH LOGIN\r\n"));
  says("AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n");
  says("QUIt\r\n", "334 UGFzc3dvcmQ6\r\n");  // the user "AB-"
  says("DATA\r\n", "535 5.7.8 no\r\n");
  const Reply reply = talk.reply(Ended::refused, "");
  EXPECT_EQ(reply.stage, Stage::auth);
  EXPECT_EQ(reply.text, "535 5.7.8 no");
}

TEST_F(TranscriptTest, KeepsTheWordsThatRefuseAToken) {
  says("", "220 ready\r\n");
  says("EHLO x\r\n", "250 hello\r\n");
  says("AUTH XOAUTH2 eA==\r\n", "334 eyJzdGF0dXMiOiI0MDAifQ==\r\n");
  const Reply reply = talk.reply(Ended::refused, "");
  EXPECT_EQ(reply.stage, Stage::auth);
  EXPECT_EQ(reply.code, 334);
  EXPECT_EQ(talk.reply(Ended::lost, "").code, 0);
}

TEST_F(TranscriptTest, KnowsWhatTheLastGreetingOffered) {
  says("", "220 ready\r\n");
  says("EHLO x\r\n", "250-hello\r\n");
  EXPECT_TRUE(talk.line("250-auth=PLAIN\r\n"));
  EXPECT_FALSE(talk.greeted());
  EXPECT_TRUE(talk.line("250 STARTTLS\r\n"));
  EXPECT_TRUE(talk.greeted() && talk.offers_auth() && !talk.secured());
  says("STARTTLS\r\n", "220 go on\r\n");
  EXPECT_TRUE(talk.secured());
  says("EHLO x\r\n", "250-hello\r\n");
  EXPECT_TRUE(talk.line("250 AUTHENTIC\r\n"));
  EXPECT_TRUE(talk.greeted());
  EXPECT_FALSE(talk.offers_auth());
}

TEST_F(TranscriptTest, CallsALossInTheHandshakeOneOfTls) {
  says("", "220 ready\r\n");
  says("EHLO x\r\n", "250 hello\r\n");
  says("STARTTLS\r\n", "220 go on\r\n");
  EXPECT_EQ(talk.reply(Ended::lost, "reset").stage, Stage::tls);
  EXPECT_EQ(talk.reply(Ended::no_tls, "").stage, Stage::starttls);
}

TEST_F(TranscriptTest, PassesOverTheEndOfAnOldConnection) {
  talk.command("QUIT\r\n");
  EXPECT_TRUE(talk.line("221 bye\r\n"));
  reach_data();
  EXPECT_TRUE(talk.line("250 queued\r\n"));
  EXPECT_EQ(talk.reply(Ended::well, "").stage, Stage::accepted);
}

TEST_F(TranscriptTest, TakesNoMoreThanSmtpAllows) {
  for (const char* line : {"", "hello", "25", "2500", "250x", "150 no", "600 no", "-250 x"}) {
    EXPECT_FALSE(Transcript{}.line(line)) << line;
  }
  EXPECT_FALSE(Transcript{}.line("250 " + std::string(Transcript::kMostLine, 'x')));
  Transcript many;
  for (int i = 0; i < Transcript::kMostLines; ++i) EXPECT_TRUE(many.line("250-x"));
  EXPECT_FALSE(many.line("250 x"));
  EXPECT_EQ(many.reply(Ended::lost, "").stage, Stage::not_smtp);
}

TEST_F(TranscriptTest, KnowsTheTransportsOwnEnds) {
  EXPECT_EQ(talk.reply(Ended::resolve, "").stage, Stage::resolve);
  EXPECT_EQ(talk.reply(Ended::connect, "").stage, Stage::connect);
  EXPECT_EQ(talk.reply(Ended::lost, "").stage, Stage::connect);
  EXPECT_EQ(talk.reply(Ended::certificate, "").stage, Stage::certificate);
  EXPECT_EQ(talk.reply(Ended::no_tls, "").stage, Stage::starttls);
  talk.connected();
  EXPECT_EQ(talk.reply(Ended::lost, "").stage, Stage::banner);
}

}  // namespace
}  // namespace sip2mail
