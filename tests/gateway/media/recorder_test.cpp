#include "gateway/media/recorder.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "gateway/base/clock.hpp"
#include "gateway/media/disk_sync.hpp"
#include "src/media/wav.hpp"
#include "tests/gateway/base/temporary_directory.hpp"

namespace sip2mail {
namespace {

class RecorderTest : public testing::Test {
 protected:
  Fd create(const std::string& name, int flags = 0) const {
    return open_file(directory_ / name, O_CREAT | O_WRONLY | flags);
  }
  std::string content(const std::string& name) const { return read_file(directory_ / name, 1'000'000); }
  std::optional<Sealed> sealed() {
    const auto reports = reports_.wait(now() + 10s);
    if (reports.size() != 1) return std::nullopt;
    return std::get<Sealed>(reports.front());
  }

  TemporaryDirectory temporary_;
  const std::filesystem::path& directory_ = temporary_.path();
  Channel<MediaReport> reports_;
  Channel<CallId> failures_;
  Health health_;
};

TEST_F(RecorderTest, WritesAHeaderBlocksAndTheTrueHeader) {
  Recorder recorder{reports_, health_};
  for (const int flags : {0, O_APPEND}) {
    const std::string name = "a" + std::to_string(flags);
    recorder.begin(CallId{1}, create(name, flags), 8000, failures_, now());
    recorder.write(CallId{1}, std::string(8000, 'x'), now());
    recorder.write(CallId{1}, std::string(8000, 'y'), now());
    recorder.end(CallId{1}, {}, now());
    EXPECT_EQ(sealed()->heard.duration, 1s);
    EXPECT_EQ(content(name), wav_header({8000, 16000}) + std::string(8000, 'x') + std::string(8000, 'y'));
  }
  EXPECT_TRUE(failures_.drain().empty());
}

TEST_F(RecorderTest, TellsAFailureOnceAndAnswersAllTheSame) {
  Recorder recorder{reports_, health_};
  recorder.begin(CallId{2}, open_file("/dev/full", O_WRONLY), 8000, failures_, now());
  EXPECT_EQ(failures_.wait(now() + 10s), std::vector{CallId{2}});
  recorder.write(CallId{2}, "lost", now());
  recorder.end(CallId{2}, {}, now());
  const auto answer = sealed();
  ASSERT_TRUE(answer);
  EXPECT_TRUE(answer->heard.flags.interrupted);
  EXPECT_EQ(answer->heard.duration, 0s);
  EXPECT_TRUE(failures_.drain().empty());
  EXPECT_FALSE(recorder.overrun());
}

TEST_F(RecorderTest, IsBehindWhileTheDiskHangs) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  Fd reading{ends[0]};
  Fd writing{ends[1]};
  const int room = ::fcntl(reading.get(), F_SETPIPE_SZ, 4096);
  ASSERT_GE(room, 4096);
  {
    Recorder recorder{reports_, health_, {4000, 500ms}};
    const Instant start = now();
    recorder.begin(CallId{3}, std::move(writing), 8000, failures_, start);
    recorder.write(CallId{3}, std::string(static_cast<std::size_t>(room), 'x'), start);  // hangs for want of 44 bytes
    recorder.write(CallId{3}, std::string(4000, 'y'), start);
    EXPECT_TRUE(recorder.overrun());
    const Instant bound = now() + 10s;
    while (!health_.has(Health::recorder_behind) && now() < bound) recorder.watch(start + 501ms);
    EXPECT_TRUE(health_.has(Health::recorder_behind));
    recorder.watch(start + 400ms);
    EXPECT_FALSE(health_.has(Health::recorder_behind));
    recorder.watch(start + 501ms);

    std::string read(static_cast<std::size_t>(room) + kWavHeader + 4000, '\0');
    for (std::size_t got = 0; got < read.size();) {
      const ssize_t some = ::read(reading.get(), read.data() + got, read.size() - got);
      ASSERT_GT(some, 0);
      got += static_cast<std::size_t>(some);
    }
    EXPECT_EQ(read.back(), 'y');
    while (health_.has(Health::recorder_behind) && now() < bound) std::this_thread::yield();
    EXPECT_FALSE(health_.has(Health::recorder_behind));
    recorder.end(CallId{3}, {}, now());
  }
  EXPECT_TRUE(sealed()->heard.flags.interrupted);  // a pipe can neither be mended nor synced
}

TEST_F(RecorderTest, FinishesWhatWasHandedIn) {
  {
    Recorder recorder{reports_, health_};
    for (std::uint64_t call = 0; call < 50; ++call) {
      recorder.begin(CallId{call}, create(std::to_string(call)), 8000, failures_, now());
      recorder.write(CallId{call}, std::string(160, 'x'), now());
      recorder.end(CallId{call}, {}, now());
    }
  }
  EXPECT_EQ(reports_.drain().size(), 50U);
}

TEST(DiskSync, SyncsOnlyWhatIsDirty) {
  Health health;
  int synced = 0;
  bool dirty = false;
  DiskSync sync{{[&] { return ++synced < 2; }, [] { return std::optional<std::uint64_t>{1000}; }},
                {100, [&] { return dirty; }, [] { return std::uint64_t{0}; }},
                health};
  sync.step();
  EXPECT_EQ(synced, 0);
  dirty = true;
  sync.step();
  EXPECT_EQ(synced, 1);
  EXPECT_EQ(sync.failures(), 0U);
  sync.step();
  EXPECT_EQ(sync.failures(), 1U);
  EXPECT_EQ(sync.free_bytes(), 1000U);
}

TEST(DiskSync, KeepsRoomForTheCallsThatRun) {
  Health health;
  std::uint64_t needed = 0;
  std::optional<std::uint64_t> free = 1000;
  DiskSync sync{
      {[] { return true; }, [&] { return free; }}, {600, [] { return false; }, [&] { return needed; }}, health};
  sync.step();
  EXPECT_TRUE(health.well());
  needed = 401;
  sync.step();
  EXPECT_TRUE(health.has(Health::disk_low));
  free.reset();
  needed = 0;
  sync.step();  // not known: as it was
  EXPECT_TRUE(health.has(Health::disk_low));
  free = 2000;
  sync.step();
  EXPECT_TRUE(health.well());
}

TEST(DiskSync, KnowsWhetherThereIsRoomBeforeItsThreadBegins) {
  Health health;
  DiskSync sync{{[] { return true; }, [] { return std::optional<std::uint64_t>{1}; }},
                {600, [] { return false; }, [] { return std::uint64_t{0}; }},
                health};
  const DiskSyncThread thread{sync};
  EXPECT_TRUE(health.has(Health::disk_low));
}

TEST(DiskSync, WorksOnARealDirectoryInItsThread) {
  Health health;
  const std::filesystem::path directory = std::filesystem::temp_directory_path();
  Channel<bool> asked;
  DiskSync sync{disk_of(directory),
                {0,
                 [&] {
                   asked.push(true);
                   return true;
                 },
                 [] { return std::uint64_t{0}; }},
                health};
  {
    const DiskSyncThread thread{sync};
    EXPECT_FALSE(asked.wait(now() + 10s).empty());
  }
  EXPECT_GT(sync.free_bytes(), 0U);
  EXPECT_EQ(sync.failures(), 0U);
  EXPECT_THROW((void)disk_of("/nonexistent"), std::system_error);
}

}  // namespace
}  // namespace sip2mail
