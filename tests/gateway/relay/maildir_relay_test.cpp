#include "gateway/relay/maildir_relay.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "gateway/base/files.hpp"
#include "gateway/relay/make_relay.hpp"
#include "src/delivery/judge.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {
namespace {

namespace fs = std::filesystem;

struct MaildirRelayTest : testing::Test {
  TemporaryDirectory temporary;
  const fs::path& root = temporary.path();
  ~MaildirRelayTest() override {
    std::error_code ignored;
    fs::permissions(root, fs::perms::owner_all, ignored);
  }
  static Mail mail(const std::string& name, const std::string& text = "Subject: x\r\n\r\nHello\r\n") {
    return {"voicemail@example.com", "taro@example.com", std::make_shared<const std::string>(text), name};
  }
  static std::vector<fs::path> files(const fs::path& directory) {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator{directory}) out.push_back(entry.path());
    return out;
  }
  static unsigned mode(const fs::path& path) {
    struct stat status {};
    ::stat(path.c_str(), &status);
    return status.st_mode & 0777;
  }
};

TEST_F(MaildirRelayTest, StoresOneFileAsALocalDeliveryAgentDoes) {
  MaildirRelay relay{root / "a/Maildir", "builtin"};
  const Reply reply = relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.1"));
  EXPECT_EQ(reply.stage, Stage::accepted) << reply.text;
  EXPECT_EQ(reply.code, 250);
  EXPECT_EQ(reply.relay, "builtin");
  const auto stored = files(root / "a/Maildir/new");
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_TRUE(stored[0].filename().string().starts_with("1469918176.01ARYZ6S41ZZZZZZZZZZZZZZZZ-1."));
  EXPECT_EQ(read_file(stored[0], 10'000),
            "Return-Path: <voicemail@example.com>\nDelivered-To: taro@example.com\nSubject: x\n\nHello\n");
  EXPECT_EQ(mode(stored[0]), 0600U);
  EXPECT_EQ(mode(root / "a/Maildir/new"), 0700U);
  EXPECT_TRUE(files(root / "a/Maildir/tmp").empty());
  EXPECT_TRUE(fs::exists(root / "a/Maildir/cur"));
}

TEST_F(MaildirRelayTest, ReplacesTheSameMailInsteadOfDoublingIt) {
  MaildirRelay relay{root / "Maildir", "builtin"};
  EXPECT_EQ(relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.1")).stage, Stage::accepted);
  EXPECT_EQ(relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.1")).stage, Stage::accepted);
  EXPECT_EQ(relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.2")).stage, Stage::accepted);
  EXPECT_EQ(files(root / "Maildir/new").size(), 2U);
}

TEST_F(MaildirRelayTest, TakesNoPathFromAName) {
  MaildirRelay relay{root / "Maildir", "builtin"};
  EXPECT_EQ(relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.../../x")).stage, Stage::accepted);
  EXPECT_EQ(relay.send(mail("")).stage, Stage::accepted);
  EXPECT_EQ(files(root / "Maildir/new").size(), 2U);
  EXPECT_EQ(files(root).size(), 1U);
}

TEST_F(MaildirRelayTest, CallsADiskThatRefusesTheRelaysTrouble) {
  write_all(open_file(root / "Maildir", O_CREAT | O_WRONLY).get(), "a file", "x");
  MaildirRelay relay{root / "Maildir", "builtin"};
  const Reply reply = relay.send(mail("01ARYZ6S41ZZZZZZZZZZZZZZZZ.1"));
  EXPECT_EQ(judge(reply), Verdict::relay);
  EXPECT_NE(reply.text.find("Maildir"), std::string::npos);
}

TEST(MakeRelay, ReadsAUrlOrSaysWhatIsWrong) {
  RelaySettings settings;
  settings.url = "maildir:x";
  EXPECT_NE(make_relay(settings, "/nowhere"), nullptr);
  settings.url = "smtp://127.0.0.1:25";
  EXPECT_NE(make_relay(settings, "/nowhere"), nullptr);
  settings.url = "pigeon://roof";
  EXPECT_THROW(static_cast<void>(make_relay(settings, "/nowhere")), std::invalid_argument);
}

}  // namespace
}  // namespace sip2mail
