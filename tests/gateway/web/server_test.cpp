#include "gateway/web/server.hpp"

#include <httplib.h>
#include <sys/stat.h>

#include <fstream>

#include "gateway/cli/control_client.hpp"
#include "gateway/cli/io.hpp"
#include "tests/gateway/web/queue_in_use.hpp"

namespace sip2mail {
namespace {

class ServerTest : public testing::Test {
 protected:
  static ApiAnswer echo(const ApiRequest& request) {
    return {request.method == "POST" ? 409 : 200, "application/json", request.method + request.path + request.body};
  }
  std::optional<ApiAnswer> ask(const std::string& method, const std::string& path, const std::string& body = {}) {
    return ask_gateway(queue_.directory, {method, path, {}, body, {}});
  }
  QueueInUse queue_;
  std::filesystem::path socket_ = control_socket(queue_.directory);
};

TEST_F(ServerTest, CarriesARequestAndItsAnswer) {
  const Server server{socket_, echo};
  EXPECT_EQ(ask("GET", "/api/v1/items/x/eml")->body, "GET/api/v1/items/x/eml");
  const auto answer = ask("POST", "/y", "body");
  EXPECT_EQ(answer->status, 409);
  EXPECT_EQ(answer->body, "POST/ybody");
}

TEST_F(ServerTest, IsForItsOwnUserOnly) {
  const Server server{socket_, echo};
  struct stat status {};
  ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
  EXPECT_TRUE(S_ISSOCK(status.st_mode));
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(ServerTest, TakesTheSocketOfAKilledProcessAway) {
  std::ofstream{socket_} << "stale";
  const Server server{socket_, echo};
  EXPECT_EQ(ask("GET", "/")->status, 200);
}

TEST_F(ServerTest, LeavesNothingBehind) {
  { const Server server{socket_, echo}; }
  EXPECT_FALSE(std::filesystem::exists(socket_));
  EXPECT_FALSE(ask("GET", "/"));
}

TEST_F(ServerTest, BoundsABody) {
  const Server server{socket_, echo};
  const auto answer = ask("POST", "/", std::string(70'000, 'x'));
  EXPECT_EQ(answer->status, 413);
  EXPECT_EQ(detail_of(*answer), "a body has at most 65536 bytes");
}

TEST_F(ServerTest, SaysWhatItDoesNotKnowAlsoInOtherMethods) {
  const Api api{queue_.directory, *queue_.writer, queue_.health, {}};
  const Server server{socket_, [&](const ApiRequest& request) { return api.answer(request); }};
  httplib::Client client{socket_.string()};
  client.set_address_family(AF_UNIX);
  for (const char* method : {"PUT", "PATCH", "OPTIONS", "DELETE"}) {
    httplib::Request request;
    request.method = method;
    request.path = "/api/v1/nothing";
    const auto answer = client.send(request);
    ASSERT_TRUE(answer) << method;
    EXPECT_EQ(answer->status, 404) << method;
    EXPECT_EQ(answer->body, R"({"error":"not found","detail":")" + std::string{method} +
                                R"( /api/v1/nothing is nothing that we know"})");
  }
}

TEST_F(ServerTest, SendsAFileWholeOrInPart) {
  const auto path = queue_.directory / "file";
  std::ofstream{path} << "0123456789";
  const Server server{socket_, [&](const ApiRequest&) { return ApiAnswer{200, "audio/wav", {}, path}; }};
  httplib::Client client{socket_.string()};
  client.set_address_family(AF_UNIX);
  const auto whole = client.Get("/");
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->status, 200);
  EXPECT_EQ(whole->body, "0123456789");
  EXPECT_EQ(whole->get_header_value("Content-Type"), "audio/wav");
  const auto part = [&](const std::string& range) {
    const auto got = client.Get("/", {{"Range", range}});
    return !got ? "none" : std::to_string(got->status) + " " + got->get_header_value("Content-Range") + " " + got->body;
  };
  EXPECT_EQ(part("bytes=2-4"), "206 bytes 2-4/10 234");
  EXPECT_EQ(part("bytes=7-"), "206 bytes 7-9/10 789");
  EXPECT_EQ(part("bytes=-2"), "206 bytes 8-9/10 89");
  EXPECT_EQ(part("bytes=8-100"), "206 bytes 8-9/10 89");
  EXPECT_EQ(part("bytes=10-").substr(0, 16), "416 bytes */10 {");
  EXPECT_EQ(part("bytes=-100"), "206 bytes 0-9/10 0123456789");
  std::filesystem::remove(path);
  EXPECT_EQ(ask("GET", "/")->status, 404);
}

TEST_F(ServerTest, ThrowsWhenTheSocketCannotBeMade) {
  EXPECT_THROW(Server(queue_.directory / "none" / "control.sock", echo), std::system_error);
}

TEST_F(ServerTest, CarriesTheWholeApi) {
  const Api api{queue_.directory, *queue_.writer, queue_.health, {}};
  const Server server{socket_, [&](const ApiRequest& request) { return api.answer(request); }};
  const ItemId id = queue_.put_text();
  queue_.fail(id);
  EXPECT_EQ(ask("POST", "/api/v1/items/" + id.text() + "/retry")->status, 200);
  EXPECT_EQ(queue_.show(id).state, State::ready);
  EXPECT_EQ(detail_of(*ask("GET", "/nothing")), "GET /nothing is nothing that we know");
}

}  // namespace
}  // namespace sip2mail
