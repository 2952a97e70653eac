#include "gateway/cli/output.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace sip2mail {
namespace {

std::string printed(bool terminal, const std::vector<std::vector<std::string>>& rows) {
  Table table{{"ID", "NAME", "REPLY"}};
  for (const auto& row : rows) table.add(row);
  std::ostringstream out;
  table.print(out, terminal);
  return out.str();
}

TEST(Table, AlignsOnATerminal) {
  EXPECT_EQ(printed(true, {{"1", "山田", "ok"}, {"22", "Bob", ""}}),
            "ID  NAME  REPLY\n"
            "1   山田  ok\n"
            "22  Bob   -\n");
}

TEST(Table, SeparatesByTabsForPrograms) {
  EXPECT_EQ(printed(false, {{"1", "a\tb\nc", "ok"}}), "ID\tNAME\tREPLY\n1\ta b c\tok\n");
}

TEST(Table, SaysNothingWhenThereIsNothing) {
  EXPECT_EQ(printed(true, {}), "");
  EXPECT_EQ(printed(false, {}), "");
}

TEST(Table, LetsNoEscapeReachTheTerminal) {
  EXPECT_EQ(printed(false, {{"1", "\x1b[2Jx", "\xE2\x80\xAEy"}}), "ID\tNAME\tREPLY\n1\t[2Jx\ty\n");
}

TEST(Table, PrintsItsHeaderOnceInManyPages) {
  Table table{{"A", "B"}};
  std::ostringstream out;
  for (const char* cell : {"1", "2"}) {
    table.add({cell, cell});
    table.print(out, false);
  }
  EXPECT_EQ(out.str(), "A\tB\n1\t1\n2\t2\n");
}

TEST(DisplayWidth, CountsWhatATerminalShows) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("ü"), 1U);
  EXPECT_EQ(display_width("u\xCC\x88"), 1U);
  EXPECT_EQ(display_width("ｱ"), 1U);
  EXPECT_EQ(display_width("山田😀"), 6U);
}

}  // namespace
}  // namespace sip2mail
