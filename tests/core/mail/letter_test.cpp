#include "src/mail/letter.hpp"

#include <gtest/gtest.h>

#include "src/mail/template.hpp"
#include "tests/core/mail/mail_fixture.hpp"

namespace sip2mail {
namespace {

Letter letter_of(const Example& example) {
  return write_letter(example.item, example.recipient, example.content, example.look, english());
}
std::string plain(const Example& example) {
  return as_plain(letter_of(example), english());
}
std::string html(const Example& example) {
  return as_html(letter_of(example));
}
bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Letter, SaysAllThatIsKnownOfACall) {
  Example example;
  example.item.envelope.callee = "0398765432";
  example.item.envelope.reason = "busy";
  EXPECT_EQ(plain(example),
            "Voicemail from Taro Yamada (0312345678), 0:42\n"
            "\n"
            "From: Taro Yamada\n"
            "Number: 0312345678\n"
            "For: Reception (2001)\n"
            "Called: 0398765432\n"
            "When: Sun, 1 March 2026, 09:30 JST\n"
            "Length: 0:42\n"
            "Why: The line was busy\n"
            "\n"
            "sip2mail 01KJKCTMT0T7W5X9Y2B6C1D0EF\n");
}

TEST(Letter, BeginsWithTheMessageItself) {
  EXPECT_EQ(plain(Example::text("hello\n  world")),
            "hello\n"
            "  world\n"
            "\n"
            "----\n"
            "From: Taro Yamada\n"
            "Number: 0312345678\n"
            "For: Reception (2001)\n"
            "When: Sun, 1 March 2026, 09:30 JST\n"
            "\n"
            "sip2mail 01KJKCTMT0T7W5X9Y2B6C1D0EF\n");
}

TEST(Letter, NamesACallerByWhatIsKnown) {
  Envelope envelope;
  envelope.caller = "03-1234-5678";
  EXPECT_EQ(who(envelope, english()), "03-1234-5678");
  envelope.caller_name = "Taro";
  EXPECT_EQ(who(envelope, english()), "Taro (03-1234-5678)");
  envelope.caller_name = "03-1234-5678";
  EXPECT_EQ(who(envelope, english()), "03-1234-5678");
  envelope.caller = "anonymous";
  envelope.caller_name = "Anonymous";
  EXPECT_EQ(who(envelope, english()), "Withheld number");
  envelope.caller.clear();
  envelope.caller_name.clear();
  EXPECT_EQ(who(envelope, english()), "Unknown caller");
}

TEST(Letter, TellsOfEachReason) {
  const auto why = [](const char* reason) {
    Example example;
    example.item.envelope.reason = reason;
    return plain(example);
  };
  EXPECT_TRUE(has(why("busy"), "Why: The line was busy\n"));
  EXPECT_TRUE(has(why("no-answer"), "Why: Nobody answered\n"));
  EXPECT_TRUE(has(why("unconditional"), "Why: All calls are forwarded\n"));
  EXPECT_TRUE(has(why("unavailable"), "Why: The phone could not be reached\n"));
  EXPECT_FALSE(has(why(""), "Why"));
}

TEST(Letter, PutsEachFlagInWords) {
  Example example;
  example.item.envelope.flags = {true, true, true, true};
  const std::string text = plain(example);
  EXPECT_TRUE(has(text, "cut short because the system was restarted; what was recorded is attached."));
  EXPECT_TRUE(has(text, "No speech was heard"));
  EXPECT_TRUE(has(text, "The connection was poor"));
  EXPECT_TRUE(has(text, "The sender is not verified"));
  example.recipient.form = Form::no_audio;
  EXPECT_FALSE(has(plain(example), "what was recorded is attached"));
}

TEST(Letter, SaysWhereTheRecordingIsWhenItIsNotAttachedWhole) {
  const std::string command = "sip2mail queue audio 01KJKCTMT0T7W5X9Y2B6C1D0EF";
  Example example;
  EXPECT_FALSE(has(plain(example), command));
  example.recipient.form = Form::smaller;
  EXPECT_TRUE(has(plain(example), command));
  example.recipient.form = Form::whole;
  example.content.audio.reset();
  EXPECT_TRUE(has(plain(example), command));
}

TEST(Letter, SaysWhoDidNotGetItWhenItFellBack) {
  Example example;
  Recipient failed;
  failed.id = {example.item.envelope.id, 1};
  failed.address = "gone@example.com";
  failed.state = RecipientState::failed;
  failed.reply = "550 5.1.1 No such user";
  example.recipient.fallback = true;
  example.item.recipients = {failed, example.recipient};
  const std::string note =
      "This mail could not be delivered to gone@example.com. The mail server said:\n550 5.1.1 No such user";
  const auto notes = [&] {
    return write_letter(example.item, example.recipient, example.content, example.look, english()).notes;
  };
  EXPECT_EQ(notes().back(), note);
  example.recipient.fallback = false;
  EXPECT_TRUE(notes().empty() || notes().back() != note);
}

TEST(Letter, SaysThatAMessageIsEmptyOrAttached) {
  EXPECT_EQ(plain(Example::text(" \n")).substr(0, 15), "(empty message)");
  Example attached = Example::text("");
  attached.content.parts[0] = {"text/plain", "message.html.txt", "<b>"};
  EXPECT_TRUE(has(plain(attached), "(the message is in the attachment)"));
}

TEST(Letter, TakesTheSubjectOfAnAlertFromItsFirstLine) {
  Example alert = Example::text("The relay is down\n\nmore");
  alert.item.envelope.kind = Kind::alert;
  EXPECT_EQ(letter_of(alert).subject, "sip2mail: The relay is down");
  EXPECT_FALSE(has(plain(alert), "From:"));
  const std::string page = as_html(letter_of(alert));
  EXPECT_TRUE(has(page, ">more</div>")) << "its first line stands above as the subject";
}

TEST(Letter, HasASubjectAndATitleForEachKind) {
  const auto both = [](Kind kind) {
    Example example = kind == Kind::voicemail ? Example{} : Example::text("The relay is down");
    example.item.envelope.kind = kind;
    const Letter letter = letter_of(example);
    return letter.subject + " | " + letter.title;
  };
  EXPECT_EQ(both(Kind::voicemail), "Voicemail from Taro Yamada (0312345678), 0:42 | Voicemail, 0:42");
  EXPECT_EQ(both(Kind::text), "Message from Taro Yamada (0312345678) | Message");
  EXPECT_EQ(both(Kind::missed), "Missed call from Taro Yamada (0312345678) | Missed call");
  EXPECT_EQ(both(Kind::transcript), "Transcript of the voicemail from Taro Yamada (0312345678) | Transcript");
  EXPECT_EQ(both(Kind::alert), "sip2mail: The relay is down | Alert");
  EXPECT_EQ(both(Kind::test), "Test mail from sip2mail | Test mail");
}

TEST(Letter, EscapesEverythingInHtml) {
  Example example = Example::text("<img src=x onerror=alert(1)> \"&'\nhttps://evil.example/ javascript:alert(1)");
  Envelope& envelope = example.item.envelope;
  envelope.caller_name = "<a href=\"https://evil.example\">x</a>";
  envelope.caller = "\"><script>";
  envelope.callee = "<i>";
  envelope.mailbox = "<u>{value}";
  envelope.reason = "<s>";
  example.look.mailbox_name = "<b>{link}";
  const std::string page = html(example);
  for (const char* tag : {"<img", "<a ", "<script", "<i>", "<u>", "<s>", "<b>"}) EXPECT_FALSE(has(page, tag)) << tag;
  EXPECT_TRUE(has(page, "&lt;img src=x onerror=alert(1)&gt; &quot;&amp;&#39;<br>https://evil.example/"));
  EXPECT_TRUE(has(page, "&lt;b&gt;{link} (&lt;u&gt;{value})"));
}

TEST(Letter, LinksATelephoneNumberAndNothingElse) {
  EXPECT_TRUE(has(html(Example{}), "href=\"tel:0312345678\""));
  Example example;
  example.item.envelope.caller = "taro";
  EXPECT_FALSE(has(html(example), "href"));
}

TEST(Letter, LoadsNothingFromElsewhere) {
  const std::string page = html(Example{});
  EXPECT_FALSE(has(page, "http"));
  EXPECT_FALSE(has(page, "url("));
  EXPECT_FALSE(has(page, "<img"));
}

}  // namespace
}  // namespace sip2mail
