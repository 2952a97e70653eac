#include "gateway/sip/request_reader.hpp"

#include <gtest/gtest.h>

#include "gateway/sip/handles.hpp"
#include "src/routing/caller.hpp"

namespace sip2mail {
namespace {

Request read(const std::string& headers) {
  const std::string bytes =
      "INVITE sip:2001@gateway SIP/2.0\r\nVia: SIP/2.0/UDP pbx;branch=z9hG4bK1\r\nFrom: <sip:0312345678@pbx>;tag=1\r\n"
      "To: <sip:2001@gateway>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\n" +
      headers + "Content-Length: 0\r\n\r\n";
  static const msg_mclass_t* const kParser = sip_extend_mclass(nullptr);
  const MessageHandle message{msg_make(kParser, 0, bytes.data(), static_cast<ssize_t>(bytes.size()))};
  return read_request(*sip_object(message.get()), {});
}

TEST(RequestReader, HonoursEachHeaderThatWithholdsTheCaller) {
  const std::string party = "Remote-Party-ID: <sip:0312345678@pbx>;privacy=full\r\n";
  EXPECT_EQ(find_caller(read("")).number, "0312345678");
  EXPECT_EQ(find_caller(read("Privacy: id\r\n")).number, "anonymous");
  EXPECT_EQ(find_caller(read(party)).number, "anonymous");
  EXPECT_EQ(find_caller(read(party + "Privacy: id\r\n")).number, "anonymous");
  EXPECT_EQ(find_caller(read(party + "Privacy: none\r\n")).number, "anonymous");
}

}  // namespace
}  // namespace sip2mail
