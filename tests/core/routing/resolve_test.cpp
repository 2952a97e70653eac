#include "src/routing/resolve.hpp"

#include <gtest/gtest.h>

#include "src/item.hpp"
#include "src/routing/caller.hpp"

namespace sip2mail {
namespace {

Request to(std::string user, std::string host = "gateway") {
  Request request;
  request.request_uri = {"sip", std::move(user), std::move(host)};
  return request;
}

const std::vector<MailboxSource> kSources{MailboxSource::request_uri, MailboxSource::diversion_original,
                                          MailboxSource::to};

std::optional<Resolution> resolve(const Request& request, const std::vector<Mailbox>& mailboxes) {
  return resolve(request, mailboxes, kSources);
}

const std::vector<Mailbox> kMailboxes{
    {"2001", {"taro@example.com", "office@example.com"}, "Taro", "sip2mail.conf:3"},
    {"2001@tenant.example", {"other@example.com"}, "", "sip2mail.conf:5"},
    {"*", {"{mailbox}@example.com", "log+{mailbox}@example.com"}, "", "sip2mail.conf:7"},
};

TEST(Resolve, TakesTheMailboxOfTheRequestUri) {
  const auto found = resolve(to("2001"), kMailboxes);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mailbox, "2001");
  EXPECT_EQ(found->addresses, (std::vector<std::string>{"taro@example.com", "office@example.com"}));
  EXPECT_EQ(found->rule, "request-uri 2001 is [mailbox.2001] (sip2mail.conf:3)");
}

TEST(Resolve, PrefersTheMailboxOfTheDomain) {
  EXPECT_EQ(resolve(to("2001", "Tenant.example"), kMailboxes)->addresses.front(), "other@example.com");
}

TEST(Resolve, DecodesTheUserPartOnceAndCutsItsParameters) {
  EXPECT_EQ(resolve(to("20%301"), kMailboxes)->mailbox, "2001");
  EXPECT_EQ(resolve(to("2001;phone-context=a"), kMailboxes)->mailbox, "2001");
  EXPECT_FALSE(resolve(to("20%25301"), kMailboxes));
  EXPECT_FALSE(resolve(to("20%3"), kMailboxes));
}

TEST(Resolve, LetsTheCatchAllTakeTheRest) {
  const auto found = resolve(to("3007"), kMailboxes);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mailbox, "3007");
  EXPECT_EQ(found->addresses, (std::vector<std::string>{"3007@example.com", "log+3007@example.com"}));
}

TEST(Resolve, NeverPutsAHostileUserIntoAnAddress) {
  for (const char* user : {"", "*", "a@b", "%00", "a%0D%0ABcc:x", "-rf", ".hidden", "a b", "a,b", "../x", "{mailbox}",
                           "%E5%B1%B1", "null-%00-null"}) {
    EXPECT_FALSE(resolve(to(user), kMailboxes)) << user;
  }
  EXPECT_FALSE(resolve(to(std::string(65, '1')), kMailboxes));
  EXPECT_TRUE(resolve(to(std::string(64, '1')), kMailboxes));
}

TEST(Resolve, WithoutACatchAllFindsNothing) {
  EXPECT_FALSE(resolve(to("3007"), {kMailboxes.front()}));
}

Request diverted(std::vector<Diverter> diversions, std::string pilot = "voicemail") {
  Request request = to(std::move(pilot));
  request.diversions = std::move(diversions);
  return request;
}

TEST(Resolve, TakesWhoWasCalledFirst) {
  // Topmost is the latest diverter: 2001 was called first, and went on to 2002.
  const Request request = diverted({{{"sip", "2002", "pbx"}, "no-answer"}, {{"sip", "2001", "pbx"}, "USER-BUSY"}});
  const std::vector<Mailbox> both{{"2001", {"a@example.com"}, "", "x:1"}, {"2002", {"b@example.com"}, "", "x:2"}};
  EXPECT_EQ(resolve(request, both)->mailbox, "2001");
  EXPECT_EQ(resolve(request, both)->reason, "busy");
  EXPECT_EQ(resolve(request, both, {MailboxSource::diversion_last})->mailbox, "2002");
  EXPECT_EQ(resolve(request, both, {MailboxSource::diversion_last})->reason, "no-answer");
  EXPECT_EQ(first_called(request), "2001");
}

TEST(Resolve, GoesOnToLaterDivertersUntilOneIsKnown) {
  const Request request = diverted({{{"sip", "2002", "pbx"}, "no-answer"}, {{"sip", "7777", "pbx"}, "unconditional"}});
  const auto found = resolve(request, {{"2002", {"b@example.com"}, "", "x:2"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->mailbox, "2002");
  EXPECT_EQ(found->reason, "no-answer");
  EXPECT_EQ(found->rule, "diversion-original 2002 is [mailbox.2002] (x:2)");
}

TEST(Resolve, ARequestUriThatNamesAMailboxDecides) {
  const Request request = diverted({{{"tel", "2002", ""}, "\"no-answer\""}}, "2001");
  EXPECT_EQ(resolve(request, kMailboxes)->mailbox, "2001");
  EXPECT_EQ(resolve(request, kMailboxes)->reason, "no-answer");
}

TEST(Resolve, APilotNumberIsNoMailboxOfTheCatchAllWhenADiverterIsNamed) {
  const auto found = resolve(diverted({{{"sip", "3007", "pbx"}, "no-answer"}}), {kMailboxes.back()});
  EXPECT_EQ(found->mailbox, "3007");
  EXPECT_EQ(found->reason, "no-answer");
}

TEST(Resolve, TheCatchAllAsksTheRequestUriBeforeToInAnyOrder) {
  Request request = to("5555");
  request.to = {"", {"sip", "900", "pbx"}};
  EXPECT_EQ(resolve(request, {kMailboxes.back()}, {MailboxSource::to, MailboxSource::request_uri})->mailbox, "5555");
  EXPECT_EQ(resolve(request, {kMailboxes.back()}, {MailboxSource::to})->mailbox, "900");
}

TEST(Resolve, KnowsAliases) {
  Mailbox mailbox{"2001", {"taro@example.com"}, "", "x:1"};
  mailbox.aliases = {"+81312345678", "taro"};
  EXPECT_EQ(resolve(to("taro"), {mailbox})->mailbox, "2001");
  EXPECT_FALSE(resolve(to("tar"), {mailbox}));
}

TEST(DiversionReason, IsOneOfTheContract) {
  EXPECT_EQ(diversion_reason("USER-BUSY"), "busy");
  EXPECT_EQ(diversion_reason("\"no-answer\""), "no-answer");
  EXPECT_EQ(diversion_reason("deflection"), "unconditional");
  EXPECT_EQ(diversion_reason("unknown"), "");
  EXPECT_EQ(diversion_reason("send_to_vm"), "");
}

TEST(FindCaller, BelievesTheAssertedIdentityFirst) {
  Request request = to("2001");
  request.from = {"Trunk", {"sip", "trunk-7", "pbx"}};
  EXPECT_EQ(find_caller(request).number, "trunk-7");
  request.remote_party = NamedUri{"", {"sip", "0312345678", "pbx"}};
  EXPECT_EQ(find_caller(request).number, "0312345678");
  request.asserted = NamedUri{"Yamada", {"tel", "+81312345678", ""}};
  EXPECT_EQ(find_caller(request).number, "+81312345678");
  EXPECT_EQ(find_caller(request).name, "Yamada");
  EXPECT_TRUE(find_caller(request).asserted);
}

TEST(FindCaller, HonoursPrivacy) {
  Request request = to("2001");
  request.from = {"Taro", {"sip", "0312345678", "pbx"}};
  request.privacy = "id;critical";
  EXPECT_EQ(find_caller(request).number, "anonymous");
  EXPECT_EQ(find_caller(request).name, "");
  request.privacy = "none";
  EXPECT_EQ(find_caller(request).number, "0312345678");
  request.from = {"Anonymous", {"sip", "anonymous", "anonymous.invalid"}};
  EXPECT_EQ(find_caller(request).number, "anonymous");
}

TEST(FindCaller, KeepsTheCauseOfAMissingNumber) {
  Request request;
  request.from = {"Coin line/payphone", {"sip", "anonymous", "anonymous.invalid"}};
  EXPECT_EQ(find_caller(request).number, "anonymous");
  EXPECT_EQ(find_caller(request).name, kPayphone);
  request.from.display = "Interaction with other service";
  EXPECT_EQ(find_caller(request).name, kUnavailable);
  request.from.display = "Unavailable";
  EXPECT_EQ(find_caller(request).name, kUnavailable);
  request.from.display = "Taro";
  EXPECT_EQ(find_caller(request).name, "");
}

TEST(FindCaller, MakesWhatItShowsPrintable) {
  Request request = to("2001");
  request.from = {"Evil\r\nBcc: x\x1b[31m", {"sip", "1%0D%0A2", "pbx"}};
  EXPECT_EQ(find_caller(request).name, "Evil Bcc: x[31m");
  EXPECT_EQ(find_caller(request).number, "1 2");
}

}  // namespace
}  // namespace sip2mail
