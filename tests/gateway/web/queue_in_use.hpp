// tests/gateway/web/queue_in_use.hpp -- a real queue in a temporary directory with its Writer, to be asked and changed.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/random.hpp"
#include "gateway/queue/reader.hpp"
#include "gateway/queue/writer.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {

class QueueInUse {
 public:
  QueueInUse() { open(); }
  ~QueueInUse() { close(); }
  QueueInUse(const QueueInUse&) = delete;
  QueueInUse& operator=(const QueueInUse&) = delete;

  void open() { writer = std::make_unique<Writer>(Writer::Options{directory, {.min_length = 1s}}, health, log); }
  void close() { writer.reset(); }

  // A verb, committed.
  template <class Verb>
  auto run(Verb verb) {
    using T = std::invoke_result_t<Verb, Store&>;
    std::promise<T> done;
    writer->submit(std::move(verb), [&](auto result) { done.set_value(std::get<0>(std::move(result))); });
    return done.get_future().get();
  }

  ItemId put_text(std::vector<std::string> to = {"taro@example.com"}, const std::string& mailbox = "2001") {
    const Envelope envelope = new_envelope(Kind::text, std::move(to), mailbox);
    const std::vector<Part> parts{{"text/plain", "", "hello"}};
    return run([&](Store& store) { return store.put(envelope, parts, std::nullopt, received); }).id;
  }
  // A call that is recorded now.
  ItemId open_call() {
    const Envelope envelope = new_envelope(Kind::voicemail, {"taro@example.com"}, "2001");
    return run([&](Store& store) { return store.open(envelope, received).id; });
  }
  // A voicemail of 2 s, on disk.
  ItemId put_voicemail() {
    const ItemId id = open_call();
    std::ofstream{directory / "recordings" / (id.text() + ".wav"), std::ios::binary} << wav_header({8000, 32000})
                                                                                     << std::string(32000, '\1');
    run([&](Store& store) { return store.ready(id, {2s, -20, {}}, received); });
    return id;
  }
  void defer(const ItemId& id, int n = 1) {
    const Reply reply{Stage::rcpt, 451, "451 4.7.1 Greylisted", "default", false};
    run([&](Store& store) { return store.defer({id, n}, reply, 1min, received); });
  }
  void fail(const ItemId& id, int n = 1) {
    const Reply reply{Stage::rcpt, 550, "550 5.1.1 No such user", "default", false};
    run([&](Store& store) { return store.fail({id, n}, reply, std::nullopt, received); });
  }
  void done(const ItemId& id, int n = 1) {
    const Reply reply{Stage::accepted, 250, "250 2.0.0 Ok: queued as 4F1A", "default", false};
    run([&](Store& store) { return store.done({id, n}, reply, received); });
  }
  Item show(const ItemId& id) { return Reader{directory}.show(id).value(); }

  TemporaryDirectory temporary;
  const std::filesystem::path& directory = temporary.path();
  Timestamp received = from_milliseconds(1'772'325'000'000);  // 2026-03-01T00:30:00Z
  Health health;
  Log log{LogFormat::text, Level::error, LogTo::standard_error};
  std::unique_ptr<Writer> writer;

 private:
  Envelope new_envelope(Kind kind, std::vector<std::string> to, const std::string& mailbox) {
    Envelope envelope;
    envelope.id = ItemId::make(received + Delay{++count_}, std::array<std::uint8_t, 10>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    envelope.kind = kind;
    envelope.mailbox = mailbox;
    envelope.caller = "0312345678";
    envelope.caller_name = "山田 太郎";
    envelope.callee = mailbox;
    envelope.call_id = "a84b4c76e66710@192.0.2.10";
    envelope.received = received;
    envelope.sender_domain = "example.com";
    envelope.recipients = std::move(to);
    return envelope;
  }

  std::int64_t count_ = 0;
};

}  // namespace sip2mail
