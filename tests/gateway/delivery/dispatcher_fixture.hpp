// tests/gateway/delivery/dispatcher_fixture.hpp -- a real queue in a temporary directory, and the Dispatcher on it,
// stepped by hand: its clock runs ahead as the test wants, its workers and relays are real.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "gateway/queue/reader.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"
#include "tests/gateway/relay/scripted_smtp.hpp"

namespace sip2mail {

class DispatcherTest : public testing::Test {
 private:
  TemporaryDirectory temporary_;  // outlives all that works in it

 protected:
  DispatcherTest() {
    settings_.queue.directory = temporary_.path();
    settings_.queue.retry = {1min, 2min, 5min};
    settings_.queue.lifetime = 10min;
    settings_.queue.keep_delivered = 72h;
    settings_.mail.from = "voicemail@example.com";
    settings_.mail.from_name = "{caller}";
    settings_.mail.timezone = "UTC";
    settings_.mail.max_size = 20'000'000;
    settings_.mailboxes = {{"2001", {"taro@example.com"}, "Front desk", "test"}};
    open_queue();
  }
  ~DispatcherTest() override {
    dispatcher_.reset();
    writer_.reset();
  }

  void open_queue() {
    writer_ = std::make_unique<Writer>(Writer::Options{directory(), {.min_length = 1s}}, health_, log_);
  }
  void start(std::uint16_t port, int connections = 2) {
    settings_.relays = {
        {"default", "smtp://127.0.0.1:" + std::to_string(port), "gateway.example.com", connections, 10s, {1s, 2s, 5s}}};
    settings_.relay_is_set = true;
    start();
  }
  // What was stored before is what the last run left: the listener comes before anything is submitted.
  void start() {
    writer_.reset();
    open_queue();
    board_.publish(settings_);
    dispatcher_ = std::make_unique<Dispatcher>(*writer_, board_, health_, log_);
  }

  template <class Verb>
  auto commit(Verb verb) {
    using Raw = std::invoke_result_t<Verb, Store&>;
    using T = std::conditional_t<std::is_void_v<Raw>, Nothing, Raw>;
    auto promise = std::make_shared<std::promise<std::variant<T, Refused>>>();
    auto future = promise->get_future();
    writer_->submit(std::move(verb),
                    [promise](std::variant<T, Refused> result) { promise->set_value(std::move(result)); });
    return std::get<T>(future.get());
  }

  Envelope envelope(Kind kind, std::vector<std::string> to) {
    Envelope out;
    out.id = new_item_id(utc());
    out.kind = kind;
    out.mailbox = "2001";
    out.caller = "0312345678";
    out.callee = "2001";
    out.call_id = "a84b4c@192.0.2.10";
    out.received = utc();
    out.sender_domain = "example.com";
    out.recipients = std::move(to);
    return out;
  }
  ItemId text(std::vector<std::string> to = {"taro@example.com"}, Delay age = 0s) {
    Envelope one = envelope(Kind::text, std::move(to));
    one.received -= age;
    return commit([&](Store& store) {
             return store.put(one, std::vector<Part>{{"text/plain", "", "Hello there"}}, std::nullopt, utc());
           })
        .id;
  }
  ItemId voicemail(Delay length = 2s) {
    const Envelope one = envelope(Kind::voicemail, {"taro@example.com"});
    const Opened opened = commit([&](Store& store) { return store.open(one, utc()); });
    std::string samples(static_cast<std::size_t>(length.count()) * 16, '\0');
    for (std::size_t i = 0; i < samples.size(); i += 2) samples[i + 1] = static_cast<char>((i / 2 * 7) % 64);
    write_all(opened.recording.get(), wav_header({8000, samples.size()}) + samples, "recording");
    commit([&](Store& store) { return store.ready(one.id, Heard{length, -20, {}}, utc()); });
    return one.id;
  }

  [[nodiscard]] Instant clock() const { return now() + ahead_; }
  [[nodiscard]] Timestamp utc() const { return utc_now() + ahead_; }
  [[nodiscard]] Item show(const ItemId& id) const { return Reader{directory()}.show(id).value(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return settings_.queue.directory; }

  // Steps until it is so; false: not in time.
  template <class IsSo>
  [[nodiscard]] bool run_until(IsSo is_so) {
    for (const Instant end = now() + 20s; now() < end;) {
      deadline_ = dispatcher_->step(clock(), utc());
      if (is_so()) return true;
      pollfd ready{dispatcher_->fd(), POLLIN, 0};
      ::poll(&ready, 1, 10);
    }
    return false;
  }
  [[nodiscard]] bool run_until_state(const ItemId& id, State state) {
    return run_until([&] { return show(id).state == state; });
  }
  // The state on disk is seen before the dispatcher hears of it, and only then does it begin to gather.
  template <class IsSo>
  [[nodiscard]] bool run_until_told(IsSo is_so) {
    return run_until([&] {
      pass(Alerts::kGather / 10);
      return is_so();
    });
  }
  [[nodiscard]] bool run_until_down() {
    return run_until([&] { return !dispatcher_->relays()->front().up; });
  }
  void pass(Delay time) { ahead_ += time; }

  Health health_;
  Log log_{LogFormat::logfmt, static_cast<Level>(static_cast<int>(Level::error) + 1)};
  Settings settings_;
  Board<Settings> board_;
  Delay ahead_{0};
  std::optional<Instant> deadline_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace sip2mail
