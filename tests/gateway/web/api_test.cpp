#include "gateway/web/api.hpp"

#include <nlohmann/json.hpp>

#include "tests/gateway/web/queue_in_use.hpp"

namespace sip2mail {
namespace {

class ApiTest : public testing::Test {
 protected:
  ApiAnswer get(const std::string& path, std::map<std::string, std::string> query = {}) {
    return api_.answer({"GET", path, std::move(query), {}, {}});
  }
  ApiAnswer post(const std::string& path, const std::string& body = {}, const std::string& origin = {}) {
    return api_.answer({"POST", path, {}, body, origin});
  }
  static std::string words(const ApiAnswer& answer) { return std::to_string(answer.status) + " " + answer.body; }
  // The last characters of the ids on a page, and whether there is a next one.
  std::string ids(std::map<std::string, std::string> query) {
    const auto page = nlohmann::json::parse(get("/api/v1/items", std::move(query)).body);
    std::string all;
    for (const auto& item : page["items"]) {
      for (std::size_t i = 0; i < known_.size(); ++i) {
        if (item["id"] == known_[i].text()) all += std::to_string(i);
      }
    }
    return all + (page["next"].is_null() ? "" : "+");
  }
  ItemId put(std::vector<std::string> to = {"taro@example.com"}, const std::string& mailbox = "2001") {
    return known_.emplace_back(queue_.put_text(std::move(to), mailbox));
  }

  QueueInUse queue_;
  std::vector<ItemId> known_;
  Api api_{queue_.directory, *queue_.writer, queue_.health,
           [](const Item& item, const Recipient& recipient, const StoredContent& content) {
             return "mail of " + item.envelope.id.text() + " to " + recipient.address + ": " + content.parts.at(0).body;
           }};
};

TEST_F(ApiTest, SaysThatItLivesAndWhetherItIsReady) {
  EXPECT_EQ(words(get("/healthz")), R"(200 {"alive":true})");
  EXPECT_EQ(words(get("/readyz")), R"(200 {"ready":true})");
  queue_.health.set(Health::draining, true);
  EXPECT_EQ(words(get("/healthz")), R"(200 {"alive":true})");
  EXPECT_EQ(
      words(get("/readyz")),
      R"(503 {"ready":false,"reasons":["the gateway is stopping: it finishes running calls and takes no new ones"]})");
}

TEST_F(ApiTest, TellsHowTheRelaysStand) {
  const std::vector<RelayStatus> relays{
      {"default", "smtp://a:25", false, true, "535 5.7.8 no", from_milliseconds(1'772'325'000'000)},
      {"second", "smtp://b:25", true, false, "", {}}};
  const Api api{queue_.directory, *queue_.writer, queue_.health, {}, {[&] { return relays; }, {}}};
  EXPECT_EQ(api.answer({"GET", "/api/v1/relay", {}, {}, {}}).body,
            R"({"items":[{"name":"default","url":"smtp://a:25","up":false,"configuration":true,)"
            R"("since":"2026-03-01T00:30:00Z","reply":"535 5.7.8 no"},)"
            R"({"name":"second","url":"smtp://b:25","up":true,"configuration":false,"since":null,"reply":null}],)"
            R"("next":null})");
}

TEST_F(ApiTest, ARetryAsksARelayThatIsDownAtOnce) {
  int asked = 0;
  const Api api{queue_.directory, *queue_.writer, queue_.health, {}, {{}, [&] { ++asked; }}};
  const ItemId id = put();
  EXPECT_EQ(api.answer({"POST", "/api/v1/items/" + id.text() + "/retry", {}, {}, {}}).status, 200);
  EXPECT_EQ(asked, 1) << "although the item was due already";
  EXPECT_EQ(api.answer({"POST", "/api/v1/items/" + id.text() + "/hold", {}, {}, {}}).status, 200);
  EXPECT_EQ(asked, 1);
}

TEST_F(ApiTest, ListsTheNewestFirstByPages) {
  for (int i = 0; i < 4; ++i) put({"taro@example.com"}, i == 2 ? "2002" : "2001");
  queue_.done(known_[0]);
  queue_.fail(known_[1]);
  EXPECT_EQ(ids({}), "3210");
  EXPECT_EQ(ids({{"state", "all"}}), "3210");
  EXPECT_EQ(ids({{"state", "ready"}}), "32");
  EXPECT_EQ(ids({{"state", "failed,delivered"}}), "10");
  EXPECT_EQ(ids({{"mailbox", "2002"}}), "2");
  EXPECT_EQ(ids({{"kind", "voicemail"}}), "");
  EXPECT_EQ(ids({{"limit", "2"}}), "32+");
  EXPECT_EQ(ids({{"limit", "2"}, {"after", known_[2].text()}}), "10");
  EXPECT_EQ(ids({{"limit", "2"}, {"after", known_[1].text()}}), "0");
}

TEST_F(ApiTest, FindsAWordInWhoCalledAndWhom) {
  put({"taro@example.com"}, "Sales");
  put();
  EXPECT_EQ(ids({{"q", "sale"}}), "0");
  EXPECT_EQ(ids({{"q", "2001"}}), "1");
  EXPECT_EQ(ids({{"q", "%"}}), "") << "no pattern";
  EXPECT_EQ(ids({{"q", ""}}), "10");
}

TEST_F(ApiTest, GivesTheRecording) {
  const ItemId call = queue_.put_voicemail();
  const auto answer = get("/api/v1/items/" + call.text() + "/audio");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.type, "audio/wav");
  EXPECT_EQ(answer.file, queue_.directory / "recordings" / (call.text() + ".wav"));
  EXPECT_EQ(get("/api/v1/items/" + put().text() + "/audio").status, 404);
  EXPECT_EQ(get("/api/v1/items/" + queue_.open_call().text() + "/audio").status, 409);
}

TEST_F(ApiTest, RefusesAFilterThatItDoesNotKnow) {
  EXPECT_EQ(words(get("/api/v1/items", {{"state", "parked"}})),
            R"(400 {"error":"bad request","detail":"no state \"parked\""})");
  EXPECT_EQ(words(get("/api/v1/items", {{"limit", "501"}})),
            R"(400 {"error":"bad request","detail":"limit is a number from 1 to 500"})");
  EXPECT_EQ(get("/api/v1/items", {{"after", "x"}}).status, 400);
  EXPECT_EQ(get("/api/v1/items", {{"kind", "fax"}}).status, 400);
  EXPECT_EQ(get("/api/v1/items", {{"sort", "x"}}).status, 400);
}

TEST_F(ApiTest, ShowsOneItem) {
  const ItemId id = put();
  const ApiAnswer answer = get("/api/v1/items/" + id.text());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["caller_name"], "山田 太郎");
  EXPECT_EQ(words(get("/api/v1/items/01KJKCTMT0T7W5X9Y2B6C1D0EF")),
            R"(404 {"error":"not found","detail":"no item 01KJKCTMT0T7W5X9Y2B6C1D0EF"})");
  EXPECT_EQ(words(get("/api/v1/items/../../etc/passwd")),
            R"(404 {"error":"not found","detail":"GET /api/v1/items/../../etc/passwd is nothing that we know"})");
  EXPECT_EQ(get("/api/v1/items/").status, 404);
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(api_.answer({"PUT", "/api/v1/items/" + id.text(), {}, {}, {}}).status, 404);
  EXPECT_EQ(get("/api/v1/items/" + id.text() + "/hold").status, 404);
  EXPECT_EQ(post("/api/v1/items/" + id.text() + "/delete").status, 404);
}

TEST_F(ApiTest, GivesTheMailOfARecipient) {
  const ItemId id = put({"taro@example.com", "office@example.com"});
  const std::string path = "/api/v1/items/" + id.text() + "/eml";
  EXPECT_EQ(get(path).type, "message/rfc822");
  EXPECT_EQ(get(path).body, "mail of " + id.text() + " to taro@example.com: hello");
  EXPECT_EQ(get(path, {{"to", "OFFICE@example.com"}}).body, "mail of " + id.text() + " to office@example.com: hello");
  EXPECT_EQ(get(path, {{"to", "x@example.com"}}).status, 404);
}

TEST_F(ApiTest, RetriesWhatWaitsOrFailed) {
  const ItemId id = put({"taro@example.com", "office@example.com"});
  queue_.fail(id, 1);
  queue_.defer(id, 2);
  const ApiAnswer answer = post("/api/v1/items/" + id.text() + "/retry");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(nlohmann::json::parse(answer.body)["state"], "ready");
  for (const Recipient& recipient : queue_.show(id).recipients) {
    EXPECT_EQ(recipient.state, RecipientState::waiting);
    EXPECT_EQ(recipient.tries, 0);
  }
  EXPECT_EQ(post("/api/v1/items/" + id.text() + "/retry").status, 200);  // due already
}

TEST_F(ApiTest, DoesNotSendAgainWhatIsDelivered) {
  const ItemId id = put();
  queue_.done(id);
  EXPECT_EQ(words(post("/api/v1/items/" + id.text() + "/retry")),
            R"(409 {"error":"conflict","detail":"it is delivered"})");
  EXPECT_EQ(queue_.show(id).state, State::delivered);
}

TEST_F(ApiTest, RetriesAllInSomeStates) {
  for (int i = 0; i < 3; ++i) queue_.fail(put());
  queue_.defer(put());
  put();  // due already
  EXPECT_EQ(words(post("/api/v1/items/retry", R"({"states":["ready","failed"]})")), R"(200 {"retried":4})");
  EXPECT_EQ(words(post("/api/v1/items/retry", R"({"states":["failed"]})")), R"(200 {"retried":0})");
  for (const char* bad : {"", "[]", "{}", R"({"states":[]})", R"({"states":"failed"})", R"({"states":[1]})", "{"})
    EXPECT_EQ(post("/api/v1/items/retry", bad).status, 400) << bad;
}

TEST_F(ApiTest, ShowsTheHistoryOfOneItem) {
  const ItemId id = put();
  queue_.defer(id);
  const auto item = nlohmann::json::parse(get("/api/v1/items/" + id.text()).body);
  ASSERT_EQ(item["history"].size(), 1U);
  EXPECT_EQ(item["history"][0]["verdict"], "deferred");
  EXPECT_EQ(item["history"][0]["address"], "taro@example.com");
  EXPECT_EQ(item["history"][0]["code"], 451);
}

TEST_F(ApiTest, HoldsReleasesAndDeletesAnItem) {
  const ItemId id = put();
  const std::string path = "/api/v1/items/" + id.text();
  const auto state = [](const ApiAnswer& answer) {
    const auto body = nlohmann::json::parse(answer.body);
    return std::to_string(answer.status) + " " + body.value("state", body.value("detail", ""));
  };
  EXPECT_EQ(state(post(path + "/hold")), "200 held");
  EXPECT_EQ(state(post(path + "/hold")), "200 held");
  EXPECT_TRUE(nlohmann::json::parse(get(path).body)["recipients"][0]["next_try"].is_null());
  EXPECT_EQ(state(post(path + "/release")), "200 ready");
  EXPECT_EQ(state(post(path + "/release")), "200 ready");
  EXPECT_EQ(state(api_.answer({"DELETE", path, {}, {}, {}})), "200 ready");
  EXPECT_EQ(state(api_.answer({"DELETE", path, {}, {}, {}})), "404 no item " + id.text());
  EXPECT_EQ(state(post(path + "/hold")), "404 no item " + id.text());
}

TEST_F(ApiTest, DoesNothingToWhatIsStillRecorded) {
  const ItemId id = queue_.open_call();
  const std::string path = "/api/v1/items/" + id.text();
  for (const char* verb : {"/retry", "/hold", "/release"})
    EXPECT_EQ(words(post(path + verb)), R"(409 {"error":"conflict","detail":"it is still recorded"})") << verb;
  EXPECT_EQ(api_.answer({"DELETE", path, {}, {}, {}}).status, 409);
  EXPECT_EQ(queue_.show(id).state, State::recording);
}

TEST_F(ApiTest, HoldsAndReleasesOnlyWhatWaits) {
  const ItemId failed = put();
  const ItemId delivered = put();
  queue_.fail(failed);
  queue_.done(delivered);
  for (const char* verb : {"/hold", "/release"}) {
    EXPECT_EQ(words(post("/api/v1/items/" + failed.text() + verb)),
              R"(409 {"error":"conflict","detail":"it failed: nothing of it waits"})");
    EXPECT_EQ(words(post("/api/v1/items/" + delivered.text() + verb)),
              R"(409 {"error":"conflict","detail":"it is delivered"})");
  }
  EXPECT_EQ(api_.answer({"DELETE", "/api/v1/items/" + delivered.text(), {}, {}, {}}).status, 200);
}

TEST_F(ApiTest, ReplacesTheFailedRecipients) {
  const ItemId id = put({"taro@example.com", "office@example.com"});
  const std::string path = "/api/v1/items/" + id.text() + "/retry";
  EXPECT_EQ(words(post(path, R"({"to":["new@example.com"]})")),
            R"(409 {"error":"conflict","detail":"none of its recipients failed"})");
  queue_.fail(id, 1);
  EXPECT_EQ(post(path, R"({"to":["new@example.com"]})").status, 200);
  EXPECT_EQ(queue_.show(id).recipients.at(0).address, "office@example.com");
  EXPECT_EQ(queue_.show(id).recipients.at(1).address, "new@example.com");
  for (const char* bad : {R"({"to":[]})", R"({"to":"a@example.com"})", R"({"to":["nobody"]})", R"({"from":["a@b"]})",
                          R"({"states":["failed"]})", "x"})
    EXPECT_EQ(post(path, bad).status, 400) << bad;
  EXPECT_EQ(post("/api/v1/items/" + id.text() + "/hold", R"({"to":["new@example.com"]})").status, 400);
}

TEST_F(ApiTest, ChangesAllInSomeStates) {
  for (int i = 0; i < 3; ++i) put();
  queue_.fail(put());
  EXPECT_EQ(words(post("/api/v1/items/hold", R"({"states":["ready"]})")), R"(200 {"held":3})");
  EXPECT_EQ(words(post("/api/v1/items/release", R"({"states":["held"]})")), R"(200 {"released":3})");
  EXPECT_EQ(words(post("/api/v1/items/delete", R"({"states":["failed"]})")), R"(200 {"deleted":1})");
  EXPECT_EQ(ids({}), "210");
}

TEST_F(ApiTest, LetsNoOtherOriginChangeAnything) {
  const ItemId id = put();
  EXPECT_EQ(post("/api/v1/items/" + id.text() + "/retry", "", "http://evil.example").status, 403);
  EXPECT_EQ(post("/api/v1/items/retry", R"({"states":["failed"]})", "null").status, 403);
  EXPECT_EQ(api_.answer({"DELETE", "/api/v1/items/" + id.text(), {}, {}, "http://evil.example"}).status, 403);
}

TEST_F(ApiTest, TellsWhenTheDatabaseCannotBeRead) {
  const Api lost{queue_.directory / "none", *queue_.writer, queue_.health, {}};
  const ApiAnswer answer = lost.answer({"GET", "/api/v1/items", {}, {}, {}});
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find("No such file or directory"), std::string::npos) << answer.body;
}

}  // namespace
}  // namespace sip2mail
