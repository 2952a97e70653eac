#include <gtest/gtest.h>

#include "src/mail/display.hpp"
#include "src/mail/letter.hpp"
#include "src/mail/template.hpp"
#include "tests/core/mail/mail_fixture.hpp"

namespace sip2mail {
namespace {

// A call or text for a Japanese reader.
struct JapaneseExample : Example {
  explicit JapaneseExample(Example example = {}) : Example{std::move(example)} {
    look.language = "ja";
    look.mailbox_name = "営業部";
    item.envelope.caller_name = "山田 太郎";
  }
  static JapaneseExample of(Kind kind) {
    JapaneseExample example{kind == Kind::voicemail ? Example{} : Example::text("一行目です\n二行目です")};
    example.item.envelope.kind = kind;
    if (kind == Kind::missed) example.content.parts.clear();
    return example;
  }
  [[nodiscard]] Letter letter() const { return write_letter(item, recipient, content, look, japanese()); }
  [[nodiscard]] std::string plain() const { return as_plain(letter(), japanese()); }
};
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(JapaneseLetter, SaysAllThatIsKnownOfACall) {
  JapaneseExample example;
  example.item.envelope.callee = "0398765432";
  example.item.envelope.reason = "busy";
  EXPECT_EQ(example.plain(),
            "【留守電】山田 太郎 様 03-1234-5678(0:42)\n"
            "\n"
            "発信者:山田 太郎 様\n"
            "電話番号:03-1234-5678\n"
            "着信先:営業部(2001)\n"
            "着信番号:03-9876-5432\n"
            "着信日時:2026年3月1日(日) 9:30 (JST)\n"
            "録音時間:0:42\n"
            "転送理由:話し中でした\n"
            "\n"
            "sip2mail 01KJKCTMT0T7W5X9Y2B6C1D0EF\n");
}

TEST(JapaneseLetter, SpeaksOfATextInItsOwnWords) {
  EXPECT_EQ(JapaneseExample::of(Kind::text).plain(),
            "一行目です\n"
            "二行目です\n"
            "\n"
            "----\n"
            "送信者:山田 太郎 様\n"
            "電話番号:03-1234-5678\n"
            "宛先:営業部(2001)\n"
            "受信日時:2026年3月1日(日) 9:30 (JST)\n"
            "\n"
            "sip2mail 01KJKCTMT0T7W5X9Y2B6C1D0EF\n");
}

TEST(JapaneseLetter, HasASubjectAndATitleForEachKind) {
  const auto both = [](Kind kind) {
    const Letter letter = JapaneseExample::of(kind).letter();
    return letter.subject + " | " + letter.title;
  };
  EXPECT_EQ(both(Kind::voicemail), "【留守電】山田 太郎 様 03-1234-5678(0:42) | 留守番電話 0:42");
  EXPECT_EQ(both(Kind::text), "【メッセージ】山田 太郎 様 03-1234-5678 | メッセージ");
  EXPECT_EQ(both(Kind::missed), "【不在着信】山田 太郎 様 03-1234-5678 | 不在着信");
  EXPECT_EQ(both(Kind::transcript), "【文字起こし】山田 太郎 様 03-1234-5678 | 文字起こし");
  EXPECT_EQ(both(Kind::alert), "【sip2mail】一行目です | システムからのお知らせ");
  EXPECT_EQ(both(Kind::test), "【sip2mail】テストメール | テストメール");
  EXPECT_TRUE(has(JapaneseExample::of(Kind::alert).plain(), "\n日時:2026年3月1日(日) 9:30 (JST)\n"));
}

TEST(JapaneseLetter, NamesACallerByWhatIsKnown) {
  Envelope envelope;
  envelope.caller = "0312345678";
  EXPECT_EQ(who(envelope, japanese()), "03-1234-5678");
  envelope.caller_name = "佐藤";
  EXPECT_EQ(who(envelope, japanese()), "佐藤 様 03-1234-5678");
  envelope.caller.clear();
  EXPECT_EQ(who(envelope, japanese()), "佐藤 様");
  envelope.caller_name.clear();
  EXPECT_EQ(who(envelope, japanese()), "表示圏外");
}

TEST(JapaneseLetter, SaysWhyANumberIsNotShown) {
  Envelope envelope;
  envelope.caller = "anonymous";
  EXPECT_EQ(who(envelope, japanese()), "非通知");
  EXPECT_EQ(who(envelope, english()), "Withheld number");
  envelope.caller_name = kPayphone;
  EXPECT_EQ(who(envelope, japanese()), "公衆電話");
  EXPECT_EQ(who(envelope, english()), "Payphone");
  envelope.caller_name = kUnavailable;
  EXPECT_EQ(who(envelope, japanese()), "表示圏外");
  EXPECT_EQ(who(envelope, english()), "Unknown caller");
}

TEST(JapaneseLetter, TellsOfEachReason) {
  const auto why = [](const char* reason) {
    JapaneseExample example;
    example.item.envelope.reason = reason;
    return example.plain();
  };
  EXPECT_TRUE(has(why("busy"), "転送理由:話し中でした\n"));
  EXPECT_TRUE(has(why("no-answer"), "転送理由:応答がありませんでした\n"));
  EXPECT_TRUE(has(why("unconditional"), "転送理由:すべての着信を転送する設定です\n"));
  EXPECT_TRUE(has(why("unavailable"), "転送理由:電話機に接続できませんでした\n"));
  EXPECT_FALSE(has(why(""), "転送理由"));
}

TEST(JapaneseLetter, PutsEachFlagInWords) {
  JapaneseExample example;
  example.item.envelope.flags = {true, true, true, true};
  EXPECT_TRUE(has(example.plain(), "システムが再起動したため、録音が途中で終わっています。録音できたところまでを"));
  EXPECT_TRUE(has(example.plain(), "話し声は検出されませんでした"));
  EXPECT_TRUE(has(example.plain(), "通信状態が悪かったため"));
  EXPECT_TRUE(has(example.plain(), "送信者の確認は取れていません"));
  example.recipient.form = Form::no_audio;
  EXPECT_FALSE(has(example.plain(), "録音できたところまでを"));
}

TEST(JapaneseLetter, SaysWhereTheRecordingIsWhenItIsNotAttachedWhole) {
  const std::string command = "\nsip2mail queue audio 01KJKCTMT0T7W5X9Y2B6C1D0EF\n";
  JapaneseExample example;
  example.recipient.form = Form::smaller;
  EXPECT_TRUE(has(example.plain(), "音質を下げて添付"));
  EXPECT_TRUE(has(example.plain(), command));
  example.recipient.form = Form::no_audio;
  EXPECT_TRUE(has(example.plain(), "容量制限を超えたため、添付しておりません"));
  EXPECT_TRUE(has(example.plain(), command));
  example.recipient.form = Form::whole;
  example.content.audio.reset();
  EXPECT_TRUE(has(example.plain(), "録音を添付することができませんでした"));
  EXPECT_TRUE(has(example.plain(), command));
}

TEST(JapaneseLetter, SaysWhenALateMailWasMeantToCome) {
  JapaneseExample example;
  example.recipient.composed = example.item.envelope.received + std::chrono::hours{5};
  EXPECT_TRUE(
      has(example.plain(), "送信することができませんでした。2026年3月1日(日) 9:30 (JST) に受け付けたものです。"));
}

TEST(JapaneseLetter, SaysThatAMessageIsEmptyOrAttached) {
  EXPECT_TRUE(JapaneseExample{Example::text(" \n")}.plain().starts_with("(本文はありません)\n"));
  JapaneseExample attached{Example::text("")};
  attached.content.parts[0] = {"text/plain", "message.html.txt", "<b>"};
  EXPECT_TRUE(attached.plain().starts_with("(本文は添付ファイルをご覧ください)\n"));
}

TEST(JapaneseLetter, NamesTheDayOfTheWeekInTheZoneOfTheMailbox) {
  JapaneseExample example;
  example.look.zone = *Zone::load("America/New_York");
  EXPECT_TRUE(has(example.plain(), "2026年2月28日(土) 19:30 (EST)"));
}

TEST(JapaneseMail, ReadsBackAsItWasMeant) {
  const ReadMail mail{JapaneseExample{}.mail()};
  EXPECT_EQ(mail.header("Subject"), "【留守電】山田 太郎 様 03-1234-5678(0:42)");
  EXPECT_EQ(mail.from_name(), "山田 太郎");
  EXPECT_EQ(mail.leaves.at(2).file, "voicemail-20260301T093012-0312345678-2001.mp3");
  EXPECT_EQ(mail.leaves.at(0).charset, "utf-8");
  EXPECT_TRUE(has(mail.leaves.at(0).body, "着信先:営業部(2001)"));
  EXPECT_TRUE(has(mail.leaves.at(1).body, "<html lang=\"ja\">"));
  EXPECT_TRUE(has(mail.leaves.at(1).body, "href=\"tel:0312345678\""));
  EXPECT_EQ(mail.header("X-Sip2mail-Caller"), "0312345678");
}

TEST(JapaneseMail, EncodesALongSubjectByWholeCharacters) {
  JapaneseExample example;
  std::string name;
  for (int i = 0; i < 20; ++i) name += "長い名";
  example.item.envelope.caller_name = name;
  const std::string bytes = example.mail();
  EXPECT_EQ(ReadMail{bytes}.header("Subject"), "【留守電】" + name + " 様 03-1234-5678(0:42)");
  for (std::size_t at = 0; at < bytes.find("\r\n\r\n");) {
    const std::size_t end = bytes.find("\r\n", at);
    EXPECT_LE(end - at, 78U) << bytes.substr(at, end - at);
    at = end + 2;
  }
}

TEST(JapaneseMail, IsFromWhatIsSaidOfAHiddenNumber) {
  JapaneseExample example;
  example.item.envelope.caller = "anonymous";
  example.item.envelope.caller_name = kPayphone;
  const ReadMail mail{example.mail()};
  EXPECT_EQ(mail.from_name(), "公衆電話");
  EXPECT_EQ(mail.header("Subject"), "【留守電】公衆電話(0:42)");
  EXPECT_EQ(mail.header("X-Sip2mail-Caller"), "anonymous");
  EXPECT_EQ(mail.leaves.at(2).file, "voicemail-20260301T093012-anonymous-2001.mp3");
}

TEST(Wording, ComesInEachLanguageAndElseInEnglish) {
  EXPECT_EQ(languages(), (std::vector<std::string>{"en", "ja"}));
  for (const std::string& language : languages()) EXPECT_EQ(wording_in(language).language, language);
  EXPECT_EQ(wording_in("tlh").language, "en");
}

TEST(JapaneseNumber, IsCutWhereEveryNumberOfItsKindIs) {
  EXPECT_EQ(japanese_number("0312345678"), "03-1234-5678");
  EXPECT_EQ(japanese_number("+81312345678"), "03-1234-5678");
  EXPECT_EQ(japanese_number("+819012345678"), "090-1234-5678");
  EXPECT_EQ(japanese_number("0120123456"), "0120-123-456");
  EXPECT_EQ(japanese_number("0570123456"), "0570-123-456");
  EXPECT_EQ(japanese_number("08001234567"), "0800-123-4567");
  EXPECT_EQ(japanese_number("08012345678"), "080-1234-5678");
  EXPECT_EQ(japanese_number("0461234567"), "0461234567");
  EXPECT_EQ(japanese_number("03-1234-5678"), "03-1234-5678");
  EXPECT_EQ(japanese_number("+14155550100"), "+14155550100");
  EXPECT_EQ(japanese_number("+81461234567"), "+81461234567");
  EXPECT_EQ(japanese_number("2001"), "2001");
  EXPECT_EQ(japanese_number("taro"), "taro");
  EXPECT_EQ(japanese_number(""), "");
}

}  // namespace
}  // namespace sip2mail
