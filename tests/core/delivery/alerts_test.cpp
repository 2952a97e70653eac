#include "src/delivery/alerts.hpp"

#include <gtest/gtest.h>

#include <array>

namespace sip2mail {
namespace {

constexpr Delay kPatience = 10min;

class AlertsTest : public testing::Test {
 protected:
  // What is told, as words: "down default", "failed 2".
  std::string feed(const alert::Event& event) {
    std::string out;
    for (const Notice& notice : alerts_.on(event, now_)) {
      constexpr std::array<const char*, 6> names{"down", "refuses", "back", "failed", "low", "room"};
      out += (out.empty() ? "" : ", ") + std::string{names[static_cast<std::size_t>(notice.about)]};
      if (!notice.relay.empty()) out += " " + notice.relay;
      if (notice.count > 0) out += " " + std::to_string(notice.count);
      last_ = notice;
    }
    return out;
  }
  std::string wait(Delay time) {
    now_ += time;
    return feed(alert::Tick{});
  }
  // Sleeps as the dispatcher does.
  std::string wait_for_deadline() {
    const auto deadline = alerts_.deadline();
    if (!deadline) return "nothing";
    now_ = *deadline;
    return feed(alert::Tick{});
  }
  static alert::RelayDown down(bool refuses_us = false, const std::string& words = "connection refused") {
    return {"default", "smtp://mail.example.com:25", refuses_us, words, !refuses_us, kPatience};
  }
  static alert::ItemFailed failed() {
    return {*ItemId::parse("01KJKCTMT0T7W5X9Y2B6C1D0EF"), "taro@example.com", "550 5.1.1 No such user"};
  }

  Alerts alerts_;
  Notice last_;
  Instant now_{1h};
};

TEST_F(AlertsTest, ARelayThatIsBackSoonIsNoNews) {
  EXPECT_EQ(feed(down()), "");
  EXPECT_EQ(wait(9min), "");
  EXPECT_EQ(feed(alert::RelayUp{"default"}), "");
  EXPECT_EQ(wait(1h), "");
  EXPECT_FALSE(alerts_.deadline());
}

TEST_F(AlertsTest, ARelayThatStaysAwayIsToldOnceAndThatItIsBack) {
  EXPECT_EQ(feed(down()), "");
  EXPECT_EQ(wait(kPatience), "") << "nobody has asked it since";
  EXPECT_EQ(feed(down()), "down default");
  EXPECT_EQ(last_.ago, kPatience);
  EXPECT_EQ(last_.words, "connection refused");
  now_ += 24h;
  EXPECT_EQ(feed(down()), "");
  EXPECT_EQ(feed(alert::RelayUp{"default"}), "back default");
  EXPECT_EQ(last_.ago, kPatience + 24h);
}

TEST_F(AlertsTest, ARefusalOfUsIsBelievedTheSecondTime) {
  EXPECT_EQ(feed(down(true, "535 5.7.8 no")), "");
  EXPECT_EQ(feed(down(true, "535 5.7.8 no")), "refuses default");
  EXPECT_EQ(feed(down(true)), "");
  EXPECT_EQ(feed(alert::RelayUp{"default"}), "back default");
}

TEST_F(AlertsTest, ARefusalThatIsAboutNoRecipientIsBelievedAtOnce) {
  alert::RelayDown login = down(true, "535 5.7.8 no");
  login.certain = true;
  EXPECT_EQ(feed(login), "refuses default");
}

TEST_F(AlertsTest, FromAwayToARefusalIsNewsAgainAnHourLater) {
  EXPECT_EQ(feed(down()), "");
  now_ += kPatience;
  EXPECT_EQ(feed(down()), "down default");
  EXPECT_EQ(feed(down(true)), "");
  EXPECT_EQ(feed(down(true)), "") << "not twice within an hour";
  now_ += Alerts::kBetweenRelayNotices;
  EXPECT_EQ(feed(down(true)), "refuses default");
}

TEST_F(AlertsTest, ARelayThatWaversIsToldOfOnceAnHour) {
  int told = 0;
  for (int minute = 0; minute < 120; ++minute) {
    told += feed(down(true)).empty() ? 0 : 1;
    told += feed(down(true)).empty() ? 0 : 1;
    static_cast<void>(feed(alert::RelayUp{"default"}));
    now_ += 1min;
  }
  EXPECT_EQ(told, 2);
}

TEST_F(AlertsTest, OtherRelaysAreNewToIt) {
  EXPECT_EQ(feed(down(true)), "");
  EXPECT_EQ(feed(down(true)), "refuses default");
  EXPECT_EQ(feed(alert::OtherRelays{}), "");
  EXPECT_EQ(feed(alert::RelayUp{"default"}), "");
  EXPECT_EQ(feed(down(true)), "");
  EXPECT_EQ(feed(down(true)), "refuses default");
}

TEST_F(AlertsTest, GathersFailures) {
  EXPECT_EQ(feed(failed()), "");
  EXPECT_EQ(feed(failed()), "");
  EXPECT_EQ(wait_for_deadline(), "failed 2");
  EXPECT_EQ(last_.failed.size(), 2U);
  EXPECT_EQ(feed(failed()), "");
  EXPECT_EQ(wait(Alerts::kGather), "") << "not a mail a minute";
  for (int i = 0; i < 50; ++i) EXPECT_EQ(feed(failed()), "");
  EXPECT_EQ(wait_for_deadline(), "failed 51");
  EXPECT_EQ(last_.failed.size(), Alerts::kMostListed);
  EXPECT_EQ(wait_for_deadline(), "nothing");
}

TEST_F(AlertsTest, ADiskThatWaversIsToldOfOnceAnHour) {
  EXPECT_EQ(feed(alert::Disk{false}), "");
  EXPECT_EQ(feed(alert::Disk{true}), "low");
  EXPECT_EQ(feed(alert::Disk{true}), "");
  now_ += 5min;
  EXPECT_EQ(feed(alert::Disk{false}), "room");
  EXPECT_EQ(last_.ago, Delay{5min});
  EXPECT_EQ(feed(alert::Disk{true}), "");
  EXPECT_EQ(feed(alert::Disk{false}), "");
  EXPECT_EQ(feed(alert::Disk{true}), "");
  EXPECT_EQ(wait_for_deadline(), "low");
}

}  // namespace
}  // namespace sip2mail
