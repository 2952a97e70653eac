// tests/gateway/cli/commands_fixture.hpp -- commands as functions on a queue of the test's own: arguments in, streams
// and exit status out.
#pragma once

#include <atomic>
#include <fstream>
#include <optional>
#include <sstream>

#include "gateway/cli/commands.hpp"
#include "gateway/web/server.hpp"
#include "tests/gateway/web/queue_in_use.hpp"

namespace sip2mail {

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() {
    ::setenv("TZ", "Asia/Tokyo", 1);
    ::tzset();
  }
  int run(const std::vector<std::string>& arguments, const std::string& input = {}) {
    std::istringstream in{input};
    std::ostringstream out;
    std::ostringstream err;
    Machine machine;
    machine.full_name = [] { return std::string{"vm.example.com"}; };
    machine.knows_zone = [](const std::string&) { return true; };
    machine.greeting_fault = [](const std::filesystem::path&) { return std::string{}; };
    const Program program{{in, out, err, terminal_},
                          {},
                          machine,
                          {},
                          [this](const Loaded& loaded, const std::function<Loaded()>& load_again) {
                            served_ = std::make_shared<const Settings>(loaded.settings);
                            load_again_gives_ = load_again().settings.sip.max_calls;
                            if (failure_) failure_();
                            return 0;
                          },
                          [](const Settings& settings, const Item&, const Recipient& to, const StoredContent&) {
                            return "From: " + settings.mail.from + "\nTo: " + to.address + "\n";
                          }};
    const int status = run_command(arguments, program);
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  // A command on the queue of this test.
  int queue(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.end(), {"--set", "queue.directory=" + queue_.directory.string()});
    return run(arguments, input);
  }

  // A gateway answers on the control socket from now on.
  void serve() {
    api_.emplace(queue_.directory, *queue_.writer, queue_.health, MakeMail{});
    server_.emplace(control_socket(queue_.directory), [this](const ApiRequest& request) {
      ++asked_;
      return api_->answer(request);
    });
  }

  QueueInUse queue_;
  std::optional<Api> api_;
  std::optional<Server> server_;
  std::atomic<int> asked_{0};
  bool terminal_ = false;
  std::string out_;
  std::string err_;
  std::shared_ptr<const Settings> served_;
  int load_again_gives_ = 0;
  std::function<void()> failure_;
};

}  // namespace sip2mail
