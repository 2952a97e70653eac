#include "gateway/base/log.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace sip2mail {
namespace {

std::string value(const std::string& text) {
  const std::string line = format_event(LogFormat::logfmt, Level::info, "e", {{"k", text}});
  return line.substr(std::string{"level=info event=e k="}.size());
}

TEST(Log, WritesOneEventALine) {
  EXPECT_EQ(format_event(LogFormat::logfmt, Level::info, "call.answered", {{"call", "a1@h"}, {"mailbox", "2001"}}),
            "level=info event=call.answered call=a1@h mailbox=2001");
  EXPECT_EQ(format_event(LogFormat::text, Level::warning, "relay.down", {{"reason", "no route"}}),
            "WARN  relay.down  reason=\"no route\"");
  EXPECT_EQ(format_event(LogFormat::text, Level::error, "stopping", {}), "ERROR stopping");
}

TEST(Log, QuotesWhatWouldBreakALine) {
  EXPECT_EQ(value("plain"), "plain");
  EXPECT_EQ(value(""), "\"\"");
  EXPECT_EQ(value("two words"), "\"two words\"");
  EXPECT_EQ(value("a=b"), "\"a=b\"");
  EXPECT_EQ(value("say \"hi\""), "\"say \\\"hi\\\"\"");
  EXPECT_EQ(value("C:\\new"), "\"C:\\\\new\"");
  EXPECT_EQ(value("山田"), "山田");
}

TEST(Log, LetsNothingRawFromTheNetworkOut) {
  EXPECT_EQ(value("x\nlevel=error event=forged"), "\"x\\nlevel=error event=forged\"");
  EXPECT_EQ(value("\r\t"), "\"\\r\\t\"");
  EXPECT_EQ(value("\x1b[31mred"), "\"\\x1b[31mred\"");
  EXPECT_EQ(value(std::string{"a\0b", 3}), "\"a\\x00b\"");
  EXPECT_EQ(value("a\x7F"), "\"a\\x7f\"");
  EXPECT_EQ(value("abc\xE2\x80\xAEtxt"), "abctxt");  // right-to-left override
  EXPECT_EQ(value("\xFF"), "\xEF\xBF\xBD");
  EXPECT_LE(value(std::string(100000, 'x')).size(), 4096U);
}

TEST(Log, WritesWhatIsQueuedBeforeItEnds) {
  testing::internal::CaptureStdout();
  {
    Log log{LogFormat::logfmt, Level::info};
    log.debug("too.small");
    log.info("one", {{"k", "v"}});
    log.error("two");
    EXPECT_EQ(log.dropped(), 0U);
  }
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_TRUE(std::regex_match(out, std::regex{R"(ts=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z level=info event=one k=v\n)"
                                               R"(ts=\S+ level=error event=two\n)"}))
      << out;
}

}  // namespace
}  // namespace sip2mail
