#include "src/mail/compose.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/mail/mail_fixture.hpp"

namespace sip2mail {
namespace {

void expect_sendable(const std::string& mail) {
  std::size_t line = 0;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    ASSERT_LT(static_cast<std::uint8_t>(mail[i]), 0x80U) << "not 7 bit at " << i;
    if (mail[i] == '\n') {
      ASSERT_TRUE(i > 0 && mail[i - 1] == '\r') << "LF alone at " << i;
    }
    if (mail[i] == '\r') {
      ASSERT_TRUE(i + 1 < mail.size() && mail[i + 1] == '\n') << "CR alone at " << i;
    }
    line = mail[i] == '\n' ? 0 : line + 1;
    ASSERT_LE(line, 999U);  // RFC 5321, 4.5.3.1.6: 1,000 with CRLF
  }
  ASSERT_EQ(mail.substr(mail.size() - 2), "\r\n");
}

TEST(Compose, MakesAVoicemailOfTextHtmlAndSound) {
  const Example example;
  const std::string bytes = example.mail();
  expect_sendable(bytes);
  const ReadMail mail{bytes};
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html) mpeg)");
  EXPECT_EQ(mail.leaves[0].charset, "utf-8");
  EXPECT_EQ(mail.leaves[1].charset, "utf-8");
  EXPECT_EQ(mail.leaves[2].type, "audio/mpeg");
  EXPECT_EQ(mail.leaves[2].file, "voicemail-20260301T093012-0312345678-2001.mp3");
  EXPECT_EQ(mail.leaves[2].duration, "42");
  EXPECT_EQ(mail.leaves[2].body, *example.content.audio->bytes);
}

TEST(Compose, SetsEveryHeaderOfTheContract) {
  Example example;
  example.item.envelope.flags = parse_flags("interrupted,poor-audio");
  const ReadMail mail{example.mail()};
  EXPECT_EQ(mail.header("Date"), "Sun, 01 Mar 2026 09:30:12 +0900");
  EXPECT_EQ(mail.from_name(), "Taro Yamada");
  EXPECT_EQ(mail.from_address(), "voicemail@example.com");
  EXPECT_EQ(mail.to_address(), "taro@example.com");
  EXPECT_EQ(mail.header("Subject"), "Voicemail from Taro Yamada (0312345678), 0:42");
  EXPECT_EQ(mail.header("Message-ID"), "<01KJKCTMT0T7W5X9Y2B6C1D0EF.2@example.com>");
  EXPECT_EQ(mail.header("MIME-Version"), "1.0");
  EXPECT_EQ(mail.header("Auto-Submitted"), "auto-generated");
  EXPECT_EQ(mail.header("Message-Context"), "voice-message");
  EXPECT_EQ(mail.header("X-Auto-Response-Suppress"), "All");
  EXPECT_EQ(mail.header("X-Sip2mail-Id"), "01KJKCTMT0T7W5X9Y2B6C1D0EF");
  EXPECT_EQ(mail.header("X-Sip2mail-Kind"), "voicemail");
  EXPECT_EQ(mail.header("X-Sip2mail-Mailbox"), "2001");
  EXPECT_EQ(mail.header("X-Sip2mail-Caller"), "0312345678");
  EXPECT_EQ(mail.header("X-Sip2mail-Callee"), "2001");
  EXPECT_EQ(mail.header("X-Sip2mail-Call-ID"), "a84b4c76e66710@192.0.2.10");
  EXPECT_EQ(mail.header("X-Sip2mail-Duration"), "42");
  EXPECT_EQ(mail.header("X-Sip2mail-Reason"), "no-answer");
  EXPECT_EQ(mail.header("X-Sip2mail-Flags"), "interrupted, poor-audio");
}

TEST(Compose, LeavesOutHeadersWithoutAValue) {
  Example example = Example::text("hello");
  example.item.envelope.callee.clear();
  const ReadMail mail{example.mail()};
  for (const char* name : {"X-Sip2mail-Callee", "X-Sip2mail-Duration", "X-Sip2mail-Reason", "X-Sip2mail-Flags"}) {
    EXPECT_EQ(mail.header(name), "") << name;
  }
}

TEST(Compose, MakesTheSameBytesForEveryTry) {
  EXPECT_EQ(Example{}.mail(), Example{}.mail());
}

TEST(Compose, UsesAnotherBoundaryForEveryMail) {
  Example other;
  other.recipient.id.n = 3;
  const auto boundary = [](const std::string& mail) { return mail.substr(mail.find("boundary="), 50); };
  EXPECT_NE(boundary(Example{}.mail()), boundary(other.mail()));
}

TEST(Compose, DatesALateMailByWhenItWasComposed) {
  Example example;
  example.recipient.composed = example.item.envelope.received + 5h;
  const ReadMail mail{example.mail()};
  EXPECT_EQ(mail.header("Date"), "Sun, 01 Mar 2026 14:30:00 +0900");
  EXPECT_NE(mail.leaves[0].body.find("It is about Sun, 1 March 2026, 09:30 JST."), std::string::npos);
}

TEST(Compose, DatesATextByWhenItCame) {
  EXPECT_EQ(ReadMail{Example::text("hello").mail()}.header("Date"), "Sun, 01 Mar 2026 09:30:00 +0900");
}

TEST(Compose, WritesNamesOfEveryScript) {
  Example example;
  example.item.envelope.caller_name = "山田 太郎";
  example.item.envelope.mailbox = "受付";
  example.look.mailbox_name = "受付";
  const std::string bytes = example.mail();
  expect_sendable(bytes);
  const ReadMail mail{bytes};
  EXPECT_EQ(mail.from_name(), "山田 太郎");
  EXPECT_EQ(mail.header("Subject"), "Voicemail from 山田 太郎 (0312345678), 0:42");
  EXPECT_EQ(mail.header("X-Sip2mail-Mailbox"), "受付");
  EXPECT_EQ(mail.leaves[2].file, "voicemail-20260301T093012-0312345678-受付.mp3");
}

TEST(Compose, KeepsEncodedWordsAndLinesShortForNamesWithoutEnd) {
  for (const char* letter : {"長", "W", "🎉"}) {
    Example example;
    example.item.envelope.caller_name.clear();
    for (int i = 0; i < 300; ++i) example.item.envelope.caller_name += letter;
    example.item.envelope.call_id = std::string(5000, 'x');
    const std::string bytes = example.mail();
    expect_sendable(bytes);
    const std::string head = bytes.substr(0, bytes.find("\r\n\r\n"));
    for (std::size_t at = head.find("=?utf-8?B?"); at != std::string::npos; at = head.find("=?utf-8?B?", at + 1)) {
      EXPECT_LE(head.find("?=", at + 10) + 2 - at, 75U);  // RFC 2047, 2
    }
    std::string shown;
    for (int i = 0; i < 63; ++i) shown += letter;
    EXPECT_EQ(ReadMail{bytes}.from_name(), shown + "…");
  }
}

TEST(Compose, LetsNoCallerWriteAHeader) {
  Example example;
  Envelope& envelope = example.item.envelope;
  envelope.caller_name = "Eve\r\nBcc: all@example.com\r\n\r\n<script>alert(1)</script>";
  envelope.caller = "1\r\nX-Evil: 1";
  envelope.call_id = "a\nX-Evil: 1";
  envelope.mailbox = "2001\r\n\r\nX-Evil: 1";
  envelope.reason = "x\rX-Evil: 1";
  envelope.sender_domain = "example.com>\r\nX-Evil: 1";
  example.look.mailbox_name = "a\r\nX-Evil: 1";
  const std::string bytes = example.mail();
  expect_sendable(bytes);
  const ReadMail mail{bytes};
  EXPECT_EQ(mail.header("Bcc"), "");
  EXPECT_EQ(mail.header("X-Evil"), "");
  EXPECT_EQ(mail.to_address(), "taro@example.com");
  EXPECT_EQ(mail.from_address(), "voicemail@example.com");
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html) mpeg)");
  EXPECT_EQ(mail.leaves[1].body.find("<script"), std::string::npos);
}

TEST(Compose, LetsNoCallerLookLikeAnAddress) {
  for (const char* name :
       {"boss@bank.example <boss@bank.example>", "\u202Eboss@bank.example", "=?utf-8?q?boss=40bank.example?="}) {
    Example example;
    example.item.envelope.caller_name = name;
    const ReadMail mail{example.mail()};
    EXPECT_EQ(mail.from_name().find_first_of("@<>\u202E"), std::string::npos) << mail.from_name();
    EXPECT_EQ(mail.from_address(), "voicemail@example.com");
  }
}

TEST(Compose, WritesDomainsOfEveryScript) {
  for (const char* name : {"Taro", "山田"}) {
    Example example;
    example.item.envelope.caller_name = name;
    example.look.from = "voicemail@例え.jp";
    example.recipient.address = "taro@例え.jp";
    const std::string bytes = example.mail();
    expect_sendable(bytes);
    EXPECT_NE(bytes.find("<voicemail@xn--r8jz45g.jp>"), std::string::npos);
    EXPECT_NE(bytes.find("To: taro@xn--r8jz45g.jp"), std::string::npos);
  }
}

TEST(Compose, NamesTheSenderAsConfigured) {
  Example example;
  example.look.from_name = "Voicemail for {caller}";
  EXPECT_EQ(ReadMail{example.mail()}.from_name(), "Voicemail for Taro Yamada");
  example.look.from_name = "留守番電話";
  EXPECT_EQ(ReadMail{example.mail()}.from_name(), "留守番電話");
  example.look.from_name = "{caller}";
  example.item.envelope.caller_name.clear();
  EXPECT_EQ(ReadMail{example.mail()}.from_name(), "0312345678");
  example.item.envelope.caller = "anonymous";
  EXPECT_EQ(ReadMail{example.mail()}.from_name(), "Withheld number");
}

TEST(Compose, CarriesATextAsItWasWritten) {
  const std::string body = "Grüße 🙏\n\n  indented <b>&amp;\n" + std::string(3000, '=') + "\n.\nFrom me\n--=_x--\n日本";
  const std::string bytes = Example::text(body).mail();
  expect_sendable(bytes);
  const ReadMail mail{bytes};
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html))");
  EXPECT_EQ(mail.header("Message-Context"), "text-message");
  EXPECT_EQ(mail.header("Subject"), "Message from Taro Yamada (0312345678)");
  std::string plain = mail.leaves[0].body;
  plain.erase(std::remove(plain.begin(), plain.end(), '\r'), plain.end());
  EXPECT_EQ(plain.substr(0, body.size()), body);
}

TEST(Compose, MakesStoredControlsHarmless) {
  Example example = Example::text("a\rb\0c\xFF");
  example.content.parts.push_back({"text/plain", "x.txt", "a\rb\xFF\x1B"});
  expect_sendable(example.mail());
}

TEST(Compose, CannotBeEndedByItsOwnText) {
  const ReadMail mail{Example::text("a\n--=_01KJKCTMT0T7W5X9Y2B6C1D0EF.2.mail--\nb\n").mail()};
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html))");
  EXPECT_NE(mail.leaves[0].body.find("\nb"), std::string::npos);
}

TEST(Compose, AttachesWhatCameWithAText) {
  Example example = Example::text("");
  example.content.parts = {{"text/plain", "../メモ.html.txt", "<b>hi</b>"}};
  const ReadMail mail{example.mail()};
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html) plain)");
  EXPECT_EQ(mail.leaves[2].file, ".._メモ.html.txt");
  EXPECT_EQ(mail.leaves[2].body, "<b>hi</b>");
}

TEST(Compose, LeavesTheRecordingOutWhenTheRelayWantsItSo) {
  Example example;
  example.recipient.form = Form::no_audio;
  const ReadMail mail{example.mail()};
  EXPECT_EQ(mail.shape, "mixed(alternative(plain html))");
  EXPECT_EQ(mail.header("X-Sip2mail-Duration"), "");
  EXPECT_NE(mail.leaves[0].body.find("sip2mail queue audio 01KJKCTMT0T7W5X9Y2B6C1D0EF"), std::string::npos);
}

}  // namespace
}  // namespace sip2mail
