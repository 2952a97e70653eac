#include "src/text/message.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

constexpr std::size_t kMost = 64 * 1024;

std::string text_of(std::string_view type, std::string_view body) {
  const TextResult result = read_text({type, "", body}, kMost);
  const auto* text = std::get_if<TextMessage>(&result);
  if (text == nullptr) return "(refused)";
  EXPECT_EQ(text->parts.size(), 1U);
  EXPECT_EQ(text->parts[0].type, "text/plain");
  return text->parts[0].body;
}

int status_of(const MessageBody& message) {
  const TextResult result = read_text(message, kMost);
  const auto* refused = std::get_if<TextRefused>(&result);
  return refused == nullptr ? 0 : refused->status;
}

TEST(TextMessage, IsPlainTextUnlessItSaysOtherwise) {
  EXPECT_EQ(text_of("", "hello"), "hello");
  EXPECT_EQ(text_of("text/plain", "こんにちは"), "こんにちは");
  EXPECT_EQ(text_of("TEXT/PLAIN ; Charset=\"UTF-8\"", "hello"), "hello");
}

TEST(TextMessage, IsReadInTheCharsetItNames) {
  EXPECT_EQ(text_of("text/plain;charset=iso-8859-1", "caf\xE9"), "café");
  EXPECT_EQ(text_of("text/plain;charset=ISO-8859-1", "\x80 5"), "€ 5");
  EXPECT_EQ(text_of("text/plain; charset=iso-2022-jp", "\x1B$B;3ED\x1B(B"), "山田");
  EXPECT_EQ(text_of("text/plain; charset=Shift_JIS", "\x8E\x52\x93\x63"), "山田");
  EXPECT_EQ(text_of("text/plain; format=flowed; charset=utf-16be", std::string_view{"\x5C\x71", 2}), "山");
}

TEST(TextMessage, FallsBackToUtf8WhenTheCharsetIsUnknownOrALie) {
  EXPECT_EQ(text_of("text/plain; charset=klingon", "山田"), "山田");
  EXPECT_EQ(text_of("text/plain; charset=../../tmp/evil", "hello"), "hello");
  EXPECT_EQ(text_of("text/plain; charset=us-ascii", "山田"), "山田");
  EXPECT_EQ(text_of("text/plain; charset=utf-8", "caf\xE9!"), "caf\uFFFD!");
  EXPECT_EQ(text_of("text/plain; charset=euc-jp", "\xFF\xFF"), "\uFFFD\uFFFD");
}

TEST(TextMessage, GuessesWhatNoCharsetExplains) {
  EXPECT_EQ(text_of("text/plain", "caf\xE9 \x80 5"), "café € 5");
  EXPECT_EQ(text_of("text/plain; charset=x-unknown", "h\xE9llo"), "héllo");
  EXPECT_EQ(text_of("text/plain", "山\xE9田"), "山\uFFFD田") << "one broken byte is no reason to break the rest";
}

TEST(TextMessage, HasOneKindOfLineEnd) {
  EXPECT_EQ(text_of("text/plain", "a\r\nb\rc\nd"), "a\nb\nc\nd");
  EXPECT_EQ(text_of("text/plain", "hello\r\n\r\n"), "hello");
  EXPECT_EQ(text_of("text/plain", "  indented\t"), "  indented\t");
}

TEST(TextMessage, ShowsWhereAControlWasInsteadOfHidingIt) {
  EXPECT_EQ(text_of("text/plain", std::string_view{"a\0b\0", 4}), "a\uFFFDb");
  EXPECT_EQ(text_of("text/plain", "\x1B[31mred\x7F"), "\uFFFD[31mred\uFFFD");
  EXPECT_EQ(text_of("text/plain", "a\xC2\x85z"), "a\uFFFDz");
}

TEST(TextMessage, KeepsWhatEmojiAndRightToLeftScriptsNeed) {
  constexpr std::string_view family = "👨‍👩‍👧 \u200Fשלום";
  EXPECT_EQ(text_of("text/plain", family), family);
}

TEST(TextMessage, MayBeEmpty) {
  EXPECT_EQ(text_of("text/plain", ""), "");
  EXPECT_EQ(text_of("", "\r\n"), "");
}

TEST(TextMessage, TakesEveryTextTypeAsPlainText) {
  EXPECT_EQ(text_of("text/markdown", "*hi*"), "*hi*");
}

TEST(TextMessage, KeepsHtmlAsATextAttachment) {
  const TextResult result = read_text({"text/html", "", "<b>hi</b>"}, kMost);
  const Part& part = std::get<TextMessage>(result).parts.at(0);
  EXPECT_EQ(part.name, "message.html.txt");
  EXPECT_EQ(part.type, "text/plain");
  EXPECT_EQ(part.body, "<b>hi</b>");
}

TEST(TextMessage, RefusesWhatItCannotKeepWhole) {
  EXPECT_EQ(status_of({"text/plain", "", std::string(kMost + 1, 'a')}), 413);
  EXPECT_EQ(status_of({"text/plain", "", std::string(kMost, 'a')}), 0);
  EXPECT_EQ(status_of({"text/plain", "gzip", "x"}), 415);
  EXPECT_EQ(status_of({"text/plain", "Identity", "x"}), 0);
  EXPECT_EQ(status_of({"message/cpim", "", "x"}), 415);
  EXPECT_EQ(status_of({"multipart/mixed;boundary=x", "", "x"}), 415);
  EXPECT_EQ(status_of({"application/x-msdownload", "", "x"}), 415);
  for (const char* script : {"text/javascript", "text/ECMAScript", "text/vbscript", "text/x-shellscript", "text/x-sh",
                             "text/x-python", "text/x-perl;charset=utf-8"})
    EXPECT_EQ(status_of({script, "", "x"}), 415) << script;
  EXPECT_EQ(status_of({"text/x-transcript", "", "x"}), 0) << "runs nowhere";
  EXPECT_EQ(status_of({"nonsense", "", "x"}), 415);
  EXPECT_EQ(status_of({"text/plain; charset=\"unclosed", "", "x"}), 0);
}

TEST(TextMessage, IgnoresThatSomebodyIsTyping) {
  const TextResult result = read_text({"application/im-iscomposing+xml", "", "<isComposing/>"}, kMost);
  EXPECT_TRUE(std::holds_alternative<NotMail>(result));
}

}  // namespace
}  // namespace sip2mail
