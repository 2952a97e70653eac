#include "gateway/web/server.hpp"

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
  EXPECT_EQ(ask("POST", "/", std::string(70'000, 'x'))->status, 413);
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
