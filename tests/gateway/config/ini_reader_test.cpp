#include "gateway/config/ini_reader.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

std::string value_of(const std::string& line) {
  const IniFile file = read_ini("[s]\n" + line + "\n");
  if (!file.faults.empty()) return std::to_string(file.faults[0].line) + ": " + file.faults[0].what;
  return file.entries.size() == 1 ? file.entries[0].value : "no entry";
}

TEST(IniReader, KeepsSectionKeyValueAndLine) {
  const IniFile file = read_ini("# a file\n\n[mailbox.2001]\n  email = taro@example.com  \n[sip]\nmax-calls=5");
  ASSERT_EQ(file.entries.size(), 2U);
  EXPECT_EQ(file.entries[0].section, "mailbox.2001");
  EXPECT_EQ(file.entries[0].key, "email");
  EXPECT_EQ(file.entries[0].value, "taro@example.com");
  EXPECT_EQ(file.entries[0].line, 4);
  EXPECT_EQ(file.entries[1].section, "sip");
  EXPECT_EQ(file.entries[1].value, "5");
  EXPECT_EQ(file.entries[1].line, 6);
}

TEST(IniReader, TakesACommentOnlyAfterWhiteSpace) {
  EXPECT_EQ(value_of("k = p#ss"), "p#ss");
  EXPECT_EQ(value_of("k = p;ss"), "p;ss");
  EXPECT_EQ(value_of("k = pass # word"), "pass");
  EXPECT_EQ(value_of("k = pass\t; word"), "pass");
  EXPECT_EQ(value_of("; k = pass"), "no entry");
  EXPECT_EQ(value_of("  # k = pass"), "no entry");
}

TEST(IniReader, LetsQuotesProtect) {
  EXPECT_EQ(value_of("k = \"#\""), "#");
  EXPECT_EQ(value_of("k = \"a # b\" # comment"), "a # b");
  EXPECT_EQ(value_of("k = \"  two blanks  \""), "  two blanks  ");
  EXPECT_EQ(value_of("k = \"\""), "");
  EXPECT_EQ(value_of("k = Taro \"a # b\" Yamada ; c"), "Taro \"a # b\" Yamada");
  EXPECT_EQ(value_of("k = a 5\" disk # c"), "a 5\" disk");
  EXPECT_EQ(value_of("k = C:\\new"), "C:\\new");
}

TEST(IniReader, LetsQuotesStandAroundEachItemOfAList) {
  EXPECT_EQ(value_of("k = \"a@b\", \"c@d\" ,\"e@f\" # all"), "a@b, c@d, e@f");
  EXPECT_EQ(value_of("k = \"#\", \"*\""), "#, *");
  EXPECT_EQ(value_of("k = \"a\", b , \"c\", d"), "a, b, c, d");
  EXPECT_EQ(value_of("k = a, \"b\""), "a, \"b\"");
  EXPECT_EQ(value_of("k = pass,\"word\""), "pass,\"word\"");
  EXPECT_EQ(value_of("k = \"a\" \"b\""), "\"a\" \"b\"");
  EXPECT_EQ(value_of("k = \"a\","), "a, ");
  EXPECT_EQ(value_of("k = \"a\", \"b"), "\"a\", \"b");
}

TEST(IniReader, RefusesAValueThatWouldVanishInAComment) {
  EXPECT_EQ(
      value_of("k = #"),
      "2: the value of k begins with #: put it in quotes, \"#…\", or leave the value empty and the comment to its "
      "own line");
  EXPECT_EQ(value_of("k = ;x").substr(0, 32), "2: the value of k begins with ;:");
  EXPECT_EQ(value_of("k ="), "");
}

TEST(IniReader, NamesEachFaultWithItsLine) {
  const IniFile file = read_ini("early = 1\n[sip\n[ok]\nnonsense\n= 3\nk = \"open\n[two] words\n[]\n");
  std::string all;
  for (const IniFault& fault : file.faults) all += std::to_string(fault.line) + ": " + fault.what + "\n";
  EXPECT_EQ(all,
            "1: early stands before the first [section]\n"
            "2: a section is written [name], alone on its line\n"
            "4: neither [section] nor key = value\n"
            "5: a key is missing before the =\n"
            "6: the quote of k is not closed\n"
            "7: a section is written [name], alone on its line\n"
            "8: a section is written [name], alone on its line\n");
}

TEST(IniReader, ReadsWhatEditorsWrite) {
  const IniFile file = read_ini("\xEF\xBB\xBF[sip] ; comment\r\nmax-calls = 5\r\nname = 山田\r\n");
  EXPECT_TRUE(file.faults.empty());
  ASSERT_EQ(file.entries.size(), 2U);
  EXPECT_EQ(file.entries[0].value, "5");
  EXPECT_EQ(file.entries[1].value, "山田");
}

TEST(IniReader, BoundsWhatItReads) {
  using namespace std::string_literals;
  EXPECT_EQ(value_of("k = " + std::string(20000, 'x')), "2: the line is longer than 16384 characters");
  EXPECT_EQ(value_of("k = a\0b"s), "2: the line holds a NUL character");
  EXPECT_EQ(value_of("k = \xFF"), "2: the line is not UTF-8");
  EXPECT_TRUE(read_ini("").entries.empty());
}

}  // namespace
}  // namespace sip2mail
