// tests/gateway/queue/queue_fixture.hpp -- a real queue in a temporary directory, its verbs called by hand.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/random.hpp"
#include "gateway/queue/reader.hpp"
#include "gateway/queue/recover.hpp"
#include "gateway/queue/sqlite_store.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {
namespace {  // each test file its own: other rooms have helpers of the same names

inline const Timestamp kNoon = from_milliseconds(1'767'225'600'000);

inline Envelope envelope(Kind kind = Kind::text, std::vector<std::string> to = {"taro@example.com"}) {
  static std::int64_t order = 0;  // ids rise with their items, as in life
  Envelope e;
  e.id = new_item_id(kNoon + Delay{++order});
  e.kind = kind;
  e.mailbox = "2001";
  e.caller = "0312345678";
  e.callee = "2001";
  e.call_id = "a84b4c@192.0.2.10";
  e.received = kNoon;
  e.sender_domain = "example.com";
  e.recipients = std::move(to);
  return e;
}

inline DedupeKey key(std::uint8_t value) {
  DedupeKey bytes{};
  bytes.fill(value);
  return bytes;
}

inline const std::vector<Part> kHello{{"text/plain", "", "hello"}};
inline const Reply kTaken{Stage::accepted, 250, "250 2.0.0 Ok: queued as 4F1A", "default", false};
inline const Reply kLater{Stage::rcpt, 451, "451 4.7.1 Greylisted", "default", false};
inline const Reply kNever{Stage::rcpt, 550, "550 5.1.1 No such user", "default", false};

// What a media thread leaves: a header with sizes of 0, then so much audio.
inline void record(const std::filesystem::path& file, Delay length, int rate = 8000) {
  std::ofstream out{file, std::ios::binary};
  out << wav_header({rate, 0}) << std::string(static_cast<std::size_t>(length.count() * rate / 1000 * 2), '\1');
}

class QueueTest : public ::testing::Test {
 protected:
  QueueTest() { reopen(); }

  void reopen() {
    store_.reset();
    database_.reset();
    database_ = std::make_unique<Database>(Database::for_writing(directory()));
    recordings_ = std::make_unique<Recordings>(directory());
    store_ = std::make_unique<SqliteStore>(*database_, *recordings_);
  }
  [[nodiscard]] const std::filesystem::path& directory() const { return temporary_.path(); }

  // One transaction, as the Writer makes it.
  template <class Verb>
  auto commit(Verb verb) {
    execute(*database_, "BEGIN IMMEDIATE");
    if constexpr (std::is_void_v<std::invoke_result_t<Verb, Store&>>) {
      verb(*store_);
      finish();
    } else {
      auto result = verb(*store_);
      finish();
      return result;
    }
  }
  ItemId put(const Envelope& e) {
    return commit([&](Store& store) { return store.put(e, kHello, std::nullopt, kNoon).id; });
  }
  ItemId open(const Envelope& e) {
    return commit([&](Store& store) { return store.open(e, kNoon).id; });
  }
  [[nodiscard]] Item show(const ItemId& id) { return Reader{directory()}.show(id).value(); }
  [[nodiscard]] bool is_there(const ItemId& id) { return Reader{directory()}.show(id).has_value(); }
  [[nodiscard]] std::filesystem::path file(const ItemId& id) const { return recording_path(directory(), id); }
  [[nodiscard]] std::int64_t count(const char* sql) {
    Query row{*database_, sql};
    return row.next() ? row.number(0) : -1;
  }

  std::vector<Change> changes_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Recordings> recordings_;
  std::unique_ptr<SqliteStore> store_;

 private:
  void finish() {
    store_->before_commit();
    execute(*database_, "COMMIT");
    changes_ = store_->committed();
  }
  TemporaryDirectory temporary_;
};

}  // namespace
}  // namespace sip2mail
