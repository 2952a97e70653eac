#include "gateway/web/item_json.hpp"

#include <gtest/gtest.h>

namespace sip2mail {
namespace {

Item example() {
  Item item;
  item.envelope.id = *ItemId::parse("01KJKCTMT0T7W5X9Y2B6C1D0EF");
  item.envelope.mailbox = "2001";
  item.envelope.caller = "0312345678";
  item.envelope.caller_name = "山田 太郎";
  item.envelope.callee = "2001";
  item.envelope.call_id = "a84b4c76e66710@192.0.2.10";
  item.envelope.reason = "no-answer";
  item.envelope.received = from_milliseconds(1'772'325'000'000);
  item.state = State::ready;
  item.duration = 41'200ms;
  item.size = 672044;
  Recipient taro;
  taro.address = "taro@example.com";
  taro.state = RecipientState::delivered;
  taro.tries = 1;
  taro.code = 250;
  taro.reply = "250 2.0.0 Ok: queued as 4F1A";
  taro.relay = "default";
  Recipient office;
  office.address = "office@example.com";
  office.tries = 1;
  office.not_before = from_milliseconds(1'772'325'107'000);
  office.code = 451;
  office.reply = "451 4.7.1 Greylisted";
  office.relay = "default";
  item.recipients = {taro, office};
  return item;
}

TEST(ItemJson, IsTheObjectOfTheContract) {
  EXPECT_EQ(
      item_json(example()),
      R"({"id":"01KJKCTMT0T7W5X9Y2B6C1D0EF","kind":"voicemail","state":"ready","mailbox":"2001","caller":"0312345678",)"
      R"("caller_name":"山田 太郎","callee":"2001","call_id":"a84b4c76e66710@192.0.2.10","received":"2026-03-01T00:30:00Z",)"
      R"("duration":42,"reason":"no-answer","flags":[],"size":672044,)"
      R"("recipients":[{"address":"taro@example.com","state":"delivered","tries":1,"next_try":null,"code":250,)"
      R"("reply":"250 2.0.0 Ok: queued as 4F1A","relay":"default"},{"address":"office@example.com","state":"waiting",)"
      R"("tries":1,"next_try":"2026-03-01T00:31:47Z","code":451,"reply":"451 4.7.1 Greylisted","relay":"default"}],)"
      R"("content":true,"settled":null})");
}

TEST(ItemJson, HasNullForWhatIsNotKnown) {
  Item item = example();
  item.envelope.kind = Kind::text;
  item.envelope.reason.clear();
  item.envelope.flags.unverified = true;
  item.envelope.caller_name = "\xFF\"";
  item.duration.reset();
  item.recipients = {Recipient{}};
  const std::string json = item_json(item);
  EXPECT_NE(json.find(R"("duration":null,"reason":null,"flags":["unverified"])"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("next_try":null,"code":null,"reply":null,"relay":null)"), std::string::npos) << json;
  EXPECT_NE(json.find("\"caller_name\":\"\xEF\xBF\xBD\\\"\""), std::string::npos) << json;
}

TEST(ItemJson, EndsWithTheHistoryOfOneItem) {
  const PastTry past{"taro@example.com", from_milliseconds(1'772'325'000'000), "default", 451, "451 4.7.1 Later",
                     "deferred"};
  const PastTry replaced{"", from_milliseconds(1'772'325'060'000), "", 0, "", "replaced"};
  const std::string json = item_json(example(), {past, replaced});
  EXPECT_TRUE(json.ends_with(
      R"("settled":null,"history":[{"at":"2026-03-01T00:30:00Z","address":"taro@example.com","verdict":"deferred",)"
      R"("code":451,"reply":"451 4.7.1 Later","relay":"default"},{"at":"2026-03-01T00:31:00Z","address":null,)"
      R"("verdict":"replaced","code":null,"reply":null,"relay":null}]})"))
      << json;
}

}  // namespace
}  // namespace sip2mail
