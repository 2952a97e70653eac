#include "gateway/delivery/mail_maker.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

class MailMakerTest : public testing::Test {
 protected:
  MailMakerTest() {
    settings_.mail.from = "voicemail@example.com";
    settings_.mail.from_name = "{caller}";
    settings_.mail.max_size = 20 << 20;
    settings_.mailboxes.push_back({.id = "2001", .email = {"taro@example.com"}, .name = "Sales", .where = "F:1"});
    item_.envelope.id = *ItemId::parse("01KJKCTMT0T7W5X9Y2B6C1D0EF");
    item_.envelope.mailbox = "2001";
    item_.envelope.caller = "0312345678";
    item_.envelope.sender_domain = "example.com";
    recipient_.id = {item_.envelope.id, 1};
    recipient_.address = "taro@example.com";
    const std::string samples(16000, '\0');
    std::ofstream{recording_, std::ios::binary} << wav_header({8000, samples.size()}) << samples;
  }
  ~MailMakerTest() override { std::filesystem::remove(recording_); }

  std::string mail(std::optional<std::filesystem::path> recording) {
    return make_mail(settings_, item_, recipient_, {{}, std::move(recording)});
  }
  static bool has(const std::string& mail, const std::string& text) { return mail.find(text) != std::string::npos; }

  Settings settings_;
  Item item_;
  Recipient recipient_;
  std::filesystem::path recording_ = std::filesystem::path{testing::TempDir()} / "mail_maker_test.wav";
};

TEST_F(MailMakerTest, AttachesTheRecordingAsItWouldBeSent) {
  const std::string whole = mail(recording_);
  EXPECT_TRUE(has(whole, "audio/mpeg"));
  EXPECT_TRUE(has(whole, "To: taro@example.com"));
  EXPECT_TRUE(has(whole, "voicemail@example.com"));
  EXPECT_TRUE(has(whole, "01KJKCTMT0T7W5X9Y2B6C1D0EF.1@example.com"));
  settings_.mail.wav = true;
  EXPECT_TRUE(has(mail(recording_), "audio/wav"));
  recipient_.form = Form::no_audio;
  EXPECT_FALSE(has(mail(recording_), "audio/"));
}

TEST_F(MailMakerTest, TakesTheFormatThatTheMailboxWants) {
  settings_.mailboxes[0].wav = true;
  EXPECT_TRUE(has(mail(recording_), "audio/wav"));
  settings_.mail.wav = true;
  settings_.mailboxes[0].wav = false;
  EXPECT_TRUE(has(mail(recording_), "audio/mpeg"));
  item_.envelope.mailbox = "gone";
  EXPECT_TRUE(has(mail(recording_), "audio/wav"));
}

TEST_F(MailMakerTest, LooksAsTheMailboxWantsToday) {
  settings_.mail.language = "en";
  settings_.mail.timezone = "Europe/Berlin";
  settings_.mailboxes[0].language = "ja";
  settings_.mailboxes[0].timezone = "Asia/Tokyo";
  settings_.mailboxes.push_back({.id = "2002", .email = {"jiro@example.com"}, .name = "", .where = "F:5"});
  Zones zones;
  const auto look = [&](const char* mailbox) {
    item_.envelope.mailbox = mailbox;
    const Look made = make_look(settings_, item_, zones);
    return made.mailbox_name + " " + made.language + " " + made.zone.format({}, "%Z");
  };
  EXPECT_EQ(look("2001"), "Sales ja JST");
  EXPECT_EQ(look("2002"), " en CET");
  EXPECT_EQ(look("gone"), " en CET");
  settings_.mailboxes.push_back(
      {.id = "*", .email = {"all@example.com"}, .name = "", .where = "F:9", .language = "ja", .timezone = "UTC"});
  EXPECT_EQ(look("gone"), " ja UTC");
  EXPECT_EQ(look(""), " en CET");
}

TEST_F(MailMakerTest, GoesWithoutARecordingThatIsMissing) {
  EXPECT_FALSE(has(mail("/none.wav"), "audio/"));
  EXPECT_FALSE(has(mail(std::nullopt), "audio/"));
}

}  // namespace
}  // namespace sip2mail
