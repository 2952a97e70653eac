#include "src/mail/alert_text.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

const Timestamp kNow{std::chrono::sys_days{std::chrono::March / 1 / 2026} + 90min};

std::string in_english(const Notice& notice) {
  return alert_text(notice, "/data", *Zone::load("Asia/Tokyo"), kNow, english());
}

TEST(AlertText, TellsOfARelayInItsOwnWords) {
  const Notice notice{.about = Notice::About::relay_down,
                      .relay = "default",
                      .url = "smtp://mail.example.com:25",
                      .words = "Connection refused\r\nBcc: x",
                      .ago = 1h};
  EXPECT_EQ(in_english(notice),
            "Mail server default takes no mail\n\n"
            "No mail could be sent by smtp://mail.example.com:25 since Sun, 1 March 2026, 09:30 JST.\n"
            "Connection refused Bcc: x\n\n"
            "Nothing is lost: mail waits, and is sent when the server is back.");
}

TEST(AlertText, ListsWhatFailed) {
  Notice notice{.about = Notice::About::failed, .count = 2};
  notice.failed = {{*ItemId::parse("01KJKCTMT0T7W5X9Y2B6C1D0EF"), "taro@example.com", "550 5.1.1 No such user"}};
  const std::string text = in_english(notice);
  EXPECT_EQ(text.substr(0, text.find('\n')), "Not delivered: 2");
  EXPECT_NE(text.find("01KJKCTMT0T7W5X9Y2B6C1D0EF  taro@example.com\n  550 5.1.1 No such user\n…\n"),
            std::string::npos);
}

TEST(AlertText, HasEveryNoticeInEveryLanguage) {
  for (const std::string& language : languages()) {
    for (const auto about : {Notice::About::relay_down, Notice::About::relay_refuses, Notice::About::relay_back,
                             Notice::About::failed, Notice::About::disk_low, Notice::About::disk_back}) {
      const Notice notice{.about = about, .relay = "default", .url = "smtp://h", .words = "no", .count = 1};
      const std::string text = alert_text(notice, "/data", Zone{}, kNow, wording_in(language));
      EXPECT_EQ(text.find('{'), std::string::npos) << text;
      EXPECT_NE(text.find("\n\n"), std::string::npos) << "a subject, and more: " << text;
    }
  }
}

}  // namespace
}  // namespace sip2mail
