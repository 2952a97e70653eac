#include "gateway/cli/manual.hpp"

#include <gtest/gtest.h>

#include "gateway/base/files.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/config/options.hpp"
#include "gateway/config/reference.hpp"

namespace sip2mail {
namespace {

const std::filesystem::path kDeploy = std::filesystem::path{SIP2MAIL_SOURCE_DIR} / "deploy";

TEST(Manual, IsTheCommittedPage) {
  EXPECT_TRUE(read_file(kDeploy / "man/sip2mail.1", 1 << 20) == manual_page())
      << "build/sip2mail config reference --format man > deploy/man/sip2mail.1";
}

TEST(Manual, ComesWithTheCommittedSample) {
  EXPECT_TRUE(read_file(kDeploy / "sip2mail.conf", 1 << 20) == config_reference())
      << "build/sip2mail config reference > deploy/sip2mail.conf";
}

TEST(Manual, NamesEveryCommandAndOption) {
  const std::string page = manual_page();
  for (const Command& command : commands())
    EXPECT_NE(page.find("\\fB" + std::string{command.name} + "\\fR"), std::string::npos) << command.name;
  EXPECT_EQ(page.find_first_not_of("\n\t !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"
                                   "abcdefghijklmnopqrstuvwxyz{|}~"),
            std::string::npos);
}

}  // namespace
}  // namespace sip2mail
