#include "tests/gateway/cli/commands_fixture.hpp"

namespace sip2mail {
namespace {

class Explain : public CommandsTest {
 protected:
  int explain(const std::string& request, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"explain", "--set", "mailbox.2001.email=taro@example.com, office@example.com",
                                   "--set", "mailbox.2002.email=jiro@example.com"};
    words.insert(words.end(), more.begin(), more.end());
    return queue(words, request);
  }
  static std::string invite(const std::string& uri, const std::string& more = {}) {
    return "INVITE " + uri +
           " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK1\r\nFrom: \"Yamada\" <sip:0312345678@pbx>;tag=1\r\n"
           "To: <sip:9000@gateway>\r\nCall-ID: c1@pbx\r\nCSeq: 1 INVITE\r\n" +
           more + "Content-Length: 0\r\n\r\n";
  }
};

TEST_F(Explain, NamesTheMailboxTheRuleAndTheAddresses) {
  EXPECT_EQ(explain(invite("sip:2001@gateway")), 0);
  EXPECT_EQ(out_,
            "mailbox     2001\nrule        request-uri 2001 is [mailbox.2001] (--set)\nto          taro@example.com\n"
            "to          office@example.com\nkind        voicemail\ncaller      Yamada (0312345678)\n"
            "callee      2001\nreason      -\n");
  EXPECT_EQ(err_, "");
}

TEST_F(Explain, ReadsWhoWasCalledFirstAndWhoAsserts) {
  EXPECT_EQ(explain(invite("sip:pilot@gateway",
                           "Diversion: <sip:2002@pbx>;reason=user-busy\r\n"
                           "P-Asserted-Identity: \"Suzuki\" <sip:0398765432@pbx>\r\n")),
            0);
  EXPECT_NE(out_.find("mailbox     2002\nrule        diversion-original 2002 is [mailbox.2002] (--set)\n"),
            std::string::npos)
      << out_;
  EXPECT_NE(out_.find("caller      Suzuki (0398765432)\ncallee      2002\nreason      busy\n"), std::string::npos)
      << out_;
}

TEST_F(Explain, ReadsATraceWithBareLineEndsAndAWrongLength) {
  std::string request = invite("sip:2001@gateway");
  std::erase(request, '\r');
  request.replace(request.find("Length: 0"), 9, "Length: 9");
  const std::string file = (queue_.directory / "invite.txt").string();
  std::ofstream{file} << request << "v=0\n";
  EXPECT_EQ(explain("", {file}), 0) << err_;
  EXPECT_EQ(explain(request.substr(0, request.find("Content-Length")), {"-"}), 0) << err_;  // no empty line
}

TEST_F(Explain, KnowsATextFromACall) {
  EXPECT_EQ(
      explain("MESSAGE sip:2001@gateway SIP/2.0\nFrom: <sip:anonymous@anonymous.invalid>;tag=1\nTo: <sip:2001@g>\n"
              "Call-ID: c\nCSeq: 1 MESSAGE\nContent-Type: text/plain\n\nhello"),
      0)
      << err_;
  EXPECT_NE(out_.find("kind        text\ncaller      anonymous\n"), std::string::npos) << out_;
}

TEST_F(Explain, TakesTheCatchAll) {
  EXPECT_EQ(explain(invite("sip:3001@gateway"), {"--set", "mailbox.*.email={mailbox}@example.com"}), 0);
  EXPECT_NE(
      out_.find(
          "mailbox     3001\nrule        request-uri 3001 is [mailbox.*] (--set)\nto          3001@example.com\n"),
      std::string::npos)
      << out_;
}

TEST_F(Explain, SaysWhomItTriedWhenThereIsNoMailbox) {
  EXPECT_EQ(explain(invite("sip:3001@gateway")), 65);
  EXPECT_EQ(out_, "");
  EXPECT_EQ(err_, "sip2mail: no mailbox, the answer is 404; tried: request-uri 3001, to 9000\n");
}

TEST_F(Explain, RefusesWhatIsNoRequest) {
  const auto refused = [&](const std::string& input) {
    EXPECT_EQ(explain(input), 65) << input;
    EXPECT_EQ(out_, "");
    return err_;
  };
  EXPECT_EQ(refused(""), "sip2mail: not understood: there is nothing in it\n");
  EXPECT_EQ(refused("hello world\n"), "sip2mail: not understood: it is no SIP message\n");
  EXPECT_EQ(refused("INVITE sip:1@a SIP/2.0\n\n"), "sip2mail: not understood: it has no From or no To\n");
  EXPECT_EQ(refused("SIP/2.0 200 OK\nFrom: <sip:a@b>\nTo: <sip:a@b>\n\n"),
            "sip2mail: not understood: it is an answer, no request\n");
  std::string options = invite("sip:2001@gateway");
  for (std::size_t at = options.find("INVITE"); at != std::string::npos; at = options.find("INVITE"))
    options.replace(at, 6, "OPTIONS");
  EXPECT_EQ(refused(options), "sip2mail: OPTIONS goes to no mailbox: INVITE and MESSAGE do\n");
  EXPECT_EQ(refused(std::string(300'000, 'x')), "sip2mail: not understood: it is larger than 256K\n");
  EXPECT_EQ(explain("", {"/none/invite"}), 65);
  EXPECT_EQ(err_, "sip2mail: cannot open /none/invite: No such file or directory\n");
}

}  // namespace
}  // namespace sip2mail
