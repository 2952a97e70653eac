#include "gateway/queue/writer.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <future>
#include <thread>

#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

class WriterTest : public ::testing::Test {
 protected:
  WriterTest() { start(); }
  void start() { writer_ = std::make_unique<Writer>(Writer::Options{directory(), {.min_length = 1s}}, health_, log_); }
  [[nodiscard]] const std::filesystem::path& directory() const { return temporary_.path(); }

  template <class Verb>
  auto submit(Verb verb) {
    using Raw = std::invoke_result_t<Verb, Store&>;
    using T = std::conditional_t<std::is_void_v<Raw>, Nothing, Raw>;
    auto promise = std::make_shared<std::promise<std::variant<T, Refused>>>();
    auto future = promise->get_future();
    writer_->submit(std::move(verb),
                    [promise](std::variant<T, Refused> result) { promise->set_value(std::move(result)); });
    return future;
  }
  auto put(const Envelope& e) {
    return submit([e](Store& store) { return store.put(e, kHello, std::nullopt, kNoon); });
  }
  // Keeps the thread busy until let go: what is submitted meanwhile becomes one batch.
  void hold() {
    std::promise<void> begun;
    writer_->submit(
        [&begun, gate = gate_.get_future().share()](Store&) {
          begun.set_value();
          gate.wait();
        },
        [](const std::variant<Nothing, Refused>&) {});
    begun.get_future().wait();
  }
  void let_go() { gate_.set_value(); }

  TemporaryDirectory temporary_;
  Health health_;
  Log log_{LogFormat::logfmt, static_cast<Level>(static_cast<int>(Level::error) + 1)};
  std::promise<void> gate_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(WriterTest, AnswersAfterTheCommit) {
  const auto e = envelope();
  const TemporaryDirectory* where = &temporary_;
  std::promise<bool> seen;
  writer_->submit(
      [e](Store& store) { return store.put(e, kHello, std::nullopt, kNoon); },
      [&](const std::variant<Stored, Refused>&) { seen.set_value(Reader{where->path()}.show(e.id).has_value()); });
  EXPECT_TRUE(seen.get_future().get());
}

TEST_F(WriterTest, CommitsTogetherWhatGathered) {
  Channel<std::vector<Change>> feed;
  writer_->listen([&](std::span<const Change> changes) { feed.push({changes.begin(), changes.end()}); });
  hold();
  std::vector<std::future<std::variant<Stored, Refused>>> results;
  for (int i = 0; i < 20; ++i) results.push_back(put(envelope()));
  EXPECT_EQ(writer_->pending(), 21U);
  let_go();
  for (auto& result : results) EXPECT_TRUE(std::holds_alternative<Stored>(result.get()));
  writer_.reset();
  const auto commits = feed.drain();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].size(), 20U);
  EXPECT_EQ(commits[0][0].state, State::ready);
}

TEST_F(WriterTest, LetsAThrowingVerbHarmOnlyItself) {
  hold();
  const auto a = envelope();
  const auto b = envelope();
  const auto call = envelope(Kind::voicemail);
  auto before = put(a);
  auto opened = submit([call](Store& store) { return store.open(call, kNoon); });
  auto bad = submit([](Store& store) {
    static_cast<void>(store.put(envelope(), kHello, std::nullopt, kNoon));
    throw std::runtime_error{"no"};
  });
  auto after = put(b);
  let_go();
  EXPECT_TRUE(std::holds_alternative<Stored>(before.get()));
  EXPECT_EQ(std::get<Refused>(bad.get()).why, "no");
  EXPECT_TRUE(std::holds_alternative<Stored>(after.get()));
  const auto result = opened.get();
  ASSERT_TRUE(std::holds_alternative<Opened>(result));
  // The file that the call records into is the one that has a name.
  struct stat by_name {};
  struct stat by_fd {};
  ASSERT_EQ(::stat(recording_path(directory(), call.id).c_str(), &by_name), 0);
  ASSERT_EQ(::fstat(std::get<Opened>(result).recording.get(), &by_fd), 0);
  EXPECT_EQ(by_name.st_ino, by_fd.st_ino);
  EXPECT_EQ(Reader{directory()}.list({}).size(), 3U);
  EXPECT_TRUE(health_.well());
}

TEST_F(WriterTest, LeavesNoFileOfACallThatItRefused) {
  const auto call = envelope(Kind::voicemail);
  auto refused = submit([call](Store& store) {
    static_cast<void>(store.open(call, kNoon));
    throw std::runtime_error{"no"};
  });
  EXPECT_TRUE(std::holds_alternative<Refused>(refused.get()));
  EXPECT_FALSE(std::filesystem::exists(recording_path(directory(), call.id)));
}

TEST_F(WriterTest, RefusesAllWhileTheDiskFailsAndTakesThemAgainAfterwards) {
  ASSERT_TRUE(std::holds_alternative<Stored>(put(envelope()).get()));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1024, before.rlim_max};
  hold();
  auto one = put(envelope());
  auto two = put(envelope());
  ::setrlimit(RLIMIT_FSIZE, &small);
  let_go();
  const auto first = one.get();
  const auto second = two.get();
  const bool sick = health_.has(Health::database_sick);
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_TRUE(std::holds_alternative<Refused>(first));
  EXPECT_TRUE(std::holds_alternative<Refused>(second));
  EXPECT_TRUE(sick);
  EXPECT_TRUE(std::holds_alternative<Stored>(put(envelope()).get()));
  EXPECT_TRUE(health_.well());
  EXPECT_EQ(Reader{directory()}.list({}).size(), 2U);
}

TEST_F(WriterTest, CommitsWhatWasSubmittedBeforeItStops) {
  hold();
  for (int i = 0; i < 1200; ++i)
    writer_->submit([e = envelope()](Store& store) { return store.put(e, kHello, std::nullopt, kNoon); },
                    [](const std::variant<Stored, Refused>&) {});
  let_go();
  writer_.reset();
  EXPECT_FALSE(std::filesystem::exists(directory() / "queue.db-wal"));
  EXPECT_EQ(Reader{directory()}.list({.limit = 2000}).size(), 1200U);
}

TEST_F(WriterTest, TakesFromManyThreads) {
  std::atomic<int> stored{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    std::vector<Envelope> mine;
    for (int i = 0; i < 50; ++i) mine.push_back(envelope());
    threads.emplace_back([this, &stored, mine = std::move(mine)] {
      for (const Envelope& e : mine)
        writer_->submit([e](Store& store) { return store.put(e, kHello, std::nullopt, kNoon); },
                        [&stored](const std::variant<Stored, Refused>& result) {
                          stored += std::holds_alternative<Stored>(result) ? 1 : 0;
                        });
    });
  }
  const Reader reader{directory()};
  for (int i = 0; i < 20; ++i) EXPECT_LE(reader.list({}).size(), 200U);
  for (std::thread& thread : threads) thread.join();
  writer_.reset();
  EXPECT_EQ(stored, 200);
  EXPECT_EQ(reader.list({}).size(), 200U);
}

TEST_F(WriterTest, LetsNoSecondOneIn) {
  EXPECT_THROW(start(), QueueBusy);
  writer_.reset();
  EXPECT_NO_THROW(start());
}

TEST_F(WriterTest, TouchesNothingOfANewerProgram) {
  writer_.reset();
  {
    SQLite::Database newer{(directory() / "queue.db").string(), SQLite::OPEN_READWRITE};
    newer.exec("PRAGMA user_version = 99");
  }
  EXPECT_THROW(start(), QueueTooNew);
  EXPECT_THROW(Reader{directory()}, QueueTooNew);
}

TEST_F(WriterTest, SaysWhenItsDirectoryCannotBe) {
  EXPECT_THROW(Writer(Writer::Options{"/proc/sip2mail", {}}, health_, log_), std::system_error);
}

TEST_F(WriterTest, MakesItsDirectoryForItselfAlone) {
  const auto deeper = directory() / "a" / "b";
  const Writer writer{Writer::Options{deeper, {}}, health_, log_};
  struct stat facts {};
  ASSERT_EQ(::stat(deeper.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
  ASSERT_EQ(::stat((deeper / "recordings").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0700U);
}

TEST_F(WriterTest, RecoversBeforeTheFirstVerb) {
  const auto e = envelope(Kind::voicemail);
  ASSERT_TRUE(std::holds_alternative<Opened>(submit([e](Store& store) { return store.open(e, kNoon); }).get()));
  writer_.reset();
  record(recording_path(directory(), e.id), 2s);
  start();
  EXPECT_EQ(Reader{directory()}.show(e.id)->state, State::ready);
}

}  // namespace
}  // namespace sip2mail
