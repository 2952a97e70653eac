// tests/faults/queue_load.cpp -- a small life of the queue that says aloud what it was promised: for crash_test.
//
// queue_load DIRECTORY. Each line on standard output is "WORD ID", written the moment the queue answered; "refused ID"
// when it would not. Ends with "end".
#include <unistd.h>

#include <future>
#include <optional>
#include <string>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/queue/writer.hpp"
#include "src/media/wav.hpp"

using namespace sip2mail;

namespace {

void say(std::string_view word, const ItemId& id) {
  write_all(STDOUT_FILENO, std::string{word} + " " + id.text() + "\n", "standard output");
}

Envelope envelope(Kind kind) {
  Envelope e;
  e.id = new_item_id(utc_now());
  e.kind = kind;
  e.mailbox = "2001";
  e.caller = "0312345678";
  e.received = utc_now();
  e.sender_domain = "example.com";
  e.recipients = {"taro@example.com"};
  return e;
}

class Load {
 public:
  explicit Load(const std::filesystem::path& directory) : writer_{{directory, 1s}, health_, log_} {}

  // Answered on the writer's thread, as the 202 would be.
  template <class Verb>
  auto ask(std::string_view word, const ItemId& id, Verb verb) {
    using T = std::invoke_result_t<Verb, Store&>;
    auto promise = std::make_shared<std::promise<std::optional<T>>>();
    auto future = promise->get_future();
    writer_.submit(std::move(verb), [promise, word, id](std::variant<T, Refused> result) {
      const bool taken = std::holds_alternative<T>(result);
      say(taken ? word : "refused", id);
      promise->set_value(taken ? std::optional<T>{std::move(std::get<T>(result))} : std::nullopt);
    });
    return future;
  }

  void text() {
    const auto a = envelope(Kind::text);
    const auto b = envelope(Kind::text);
    const auto put = [this](const Envelope& e) {
      return ask("put", e.id, [e](Store& store) {
        const std::vector<Part> parts{{"text/plain", "", "hello"}};
        DedupeKey key{};
        std::copy_n(e.id.view().begin(), key.size() < 26 ? key.size() : 26, key.begin());
        return store.put(e, parts, key, utc_now());
      });
    };
    auto first = put(a);
    auto second = put(b);
    const bool stored = first.get().has_value();
    second.wait();
    if (!stored) return;
    const Reply taken{Stage::accepted, 250, "250 Ok", "default", false};
    ask("done", a.id, [=](Store& store) { return store.done({a.id, 1}, taken, utc_now()); }).wait();
  }

  void call(bool missed) {
    const auto e = envelope(Kind::voicemail);
    auto opened = ask("open", e.id, [e](Store& store) { return store.open(e, utc_now()); }).get();
    if (!opened) return;
    if (missed) {
      ask("missed", e.id, [=](Store& store) { return store.missed(e.id, utc_now()); }).wait();
      return;
    }
    try {
      const int file = opened->recording.get();
      write_all(file, wav_header({8000, 0}) + std::string(16'000, '\1'), "recording");
      write_all(file, std::string(16'000, '\2'), "recording");
      sync_file(file, "recording");
      say("recorded", e.id);
    } catch (const std::exception&) {
      say("unrecorded", e.id);
    }
    ask("ready", e.id, [=](Store& store) { return store.ready(e.id, Heard{2s, -20, {}}, utc_now()); }).wait();
  }

  void sweep() {
    ask("swept", ItemId{}, [](Store& store) { return store.sweep({0s, 0s}, utc_now(), 100); }).wait();
  }

 private:
  Health health_;
  Log log_{LogFormat::logfmt, static_cast<Level>(static_cast<int>(Level::error) + 1)};
  Writer writer_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  try {
    Load load{argv[1]};
    load.text();
    load.call(false);
    load.call(true);
    load.sweep();
    load.text();
  } catch (const std::exception& failure) {
    write_all(STDERR_FILENO, std::string{failure.what()} + "\n", "standard error");
    return 73;
  }
  say("end", ItemId{});
  return 0;
}
