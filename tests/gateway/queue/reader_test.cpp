#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

class ReaderTest : public QueueTest {
 protected:
  ItemId put_at(Timestamp due, Kind kind = Kind::text, std::vector<std::string> to = {"taro@example.com"}) {
    const auto e = envelope(kind, std::move(to));
    return commit([&](Store& store) { return store.put(e, kHello, std::nullopt, due).id; });
  }
  [[nodiscard]] std::vector<ItemId> list(const Filter& filter) {
    std::vector<ItemId> ids;
    for (const Item& item : Reader{directory()}.list(filter)) ids.push_back(item.envelope.id);
    return ids;
  }
};

TEST_F(ReaderTest, PagesThroughWhatIsDueWithoutGapOrRepetition) {
  std::vector<RecipientId> all;
  for (int i = 0; i < 5; ++i) {
    const ItemId id = put_at(kNoon, Kind::text, {"a@example.com", "b@example.com"});
    all.push_back({id, 1});
    all.push_back({id, 2});
  }
  put_at(kNoon + 1h);
  const Reader reader{directory()};
  std::vector<RecipientId> found;
  Cursor cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const DuePage page = reader.due(cursor, kNoon, 3);
    for (const Due& due : page.due) found.push_back(due.id);
    cursor = page.end;
  }
  EXPECT_EQ(found, all);
  EXPECT_EQ(reader.next_due(kNoon), kNoon + 1h);
  EXPECT_FALSE(reader.next_due(kNoon + 1h));
}

TEST_F(ReaderTest, TellsTheDispatcherWhatItNeeds) {
  const ItemId id = put_at(kNoon, Kind::alert);
  commit([&](Store& store) { return store.defer({id, 1}, kLater, 1min, kNoon); });
  commit([&](Store& store) { return store.shrink({id, 1}, kLater, Form::smaller, kNoon + 2min); });
  const DuePage page = Reader{directory()}.due({}, kNoon + 2min, 10);
  ASSERT_EQ(page.due.size(), 1U);
  EXPECT_EQ(page.due[0].kind, Kind::alert);
  EXPECT_EQ(page.due[0].address, "taro@example.com");
  EXPECT_EQ(page.due[0].not_before, kNoon + 2min);
  EXPECT_EQ(page.due[0].tries, 2);
  EXPECT_EQ(page.due[0].first_refusal, kNoon);
  EXPECT_EQ(page.due[0].form, Form::smaller);
  EXPECT_EQ(page.due[0].received, kNoon);
}

TEST_F(ReaderTest, ListsAllButDeliveredInTheOrderOfTheirComing) {
  const ItemId a = put_at(kNoon);
  const ItemId b = open(envelope(Kind::voicemail));
  const ItemId c = put_at(kNoon);
  const ItemId d = put_at(kNoon);
  commit([&](Store& store) { return store.fail({a, 1}, kNever, std::nullopt, kNoon); });
  commit([&](Store& store) { return store.done({d, 1}, kTaken, kNoon); });
  EXPECT_EQ(list({}), (std::vector{a, b, c}));
  EXPECT_EQ(list({.states = {State::delivered, State::failed, State::failed}}), (std::vector{a, d}));
  EXPECT_EQ(list({.kind = Kind::voicemail}), (std::vector{b}));
  EXPECT_EQ(list({.mailbox = "2002"}), std::vector<ItemId>{});
  EXPECT_EQ(list({.mailbox = "2001", .limit = 2}), (std::vector{a, b}));
  EXPECT_EQ(list({.after = b}), (std::vector{c}));
  EXPECT_EQ(list({.newest_first = true}), (std::vector{c, b, a}));
  EXPECT_EQ(list({.after = c, .newest_first = true, .limit = 1}), (std::vector{b}));
  const auto counts = Reader{directory()}.counts();
  EXPECT_EQ(
      counts,
      (std::vector<std::pair<State, std::int64_t>>{
          {State::recording, 1}, {State::held, 0}, {State::ready, 1}, {State::failed, 1}, {State::delivered, 1}}));
}

TEST_F(ReaderTest, GoesOnBehindAnItemThatIsGone) {
  const ItemId a = put_at(kNoon);
  const ItemId b = put_at(kNoon);
  const ItemId c = put_at(kNoon);
  execute(*database_, "DELETE FROM items WHERE id = ?", b);
  EXPECT_EQ(list({.after = b}), (std::vector{c}));
  EXPECT_EQ(list({.after = b, .newest_first = true}), (std::vector{a}));
  execute(*database_, "DELETE FROM items WHERE id = ?", a);
  EXPECT_EQ(list({.after = a}), (std::vector{c}));
}

TEST_F(ReaderTest, FindsAnItemByTheEndOfItsId) {
  const ItemId a = put_at(kNoon);
  put_at(kNoon);
  const Reader reader{directory()};
  EXPECT_EQ(reader.ending(a.text()), std::vector{a});
  EXPECT_EQ(reader.ending(a.text().substr(16)), std::vector{a});
  std::string small = a.text().substr(16);
  for (char& c : small) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_EQ(reader.ending(small), std::vector{a});
  EXPECT_TRUE(reader.ending("%").empty());
  EXPECT_TRUE(reader.ending("").empty());
  EXPECT_TRUE(reader.ending(envelope().id.text()).empty());
  EXPECT_FALSE(reader.show(envelope().id));
  EXPECT_FALSE(reader.content(envelope().id));
}

TEST_F(ReaderTest, MissesARecordingOnlyWhenThereIsNone) {
  const ItemId id = open(envelope(Kind::voicemail));
  EXPECT_EQ(Reader{directory()}.content(id)->recording, file(id));
  std::filesystem::remove(file(id));
  EXPECT_FALSE(Reader{directory()}.content(id)->recording);
  std::filesystem::create_symlink(file(id), file(id));  // stat(2) says ELOOP
  EXPECT_TRUE(Reader{directory()}.content(id)->recording);
}

TEST_F(ReaderTest, SeesEachCommitAndHoldsNothingOpen) {
  const Reader reader{directory()};
  EXPECT_TRUE(reader.list({}).empty());
  const ItemId id = put_at(kNoon);
  EXPECT_TRUE(reader.show(id));
  EXPECT_FALSE(reader.due({}, kNoon, 1).due.empty());
  // A checkpoint to the end of the log needs that no reader stands in it.
  Query checkpoint{*database_, "PRAGMA wal_checkpoint(TRUNCATE)"};
  ASSERT_TRUE(checkpoint.next());
  EXPECT_EQ(checkpoint.number(0), 0);
}

TEST_F(ReaderTest, ReadsWhenNobodyWrites) {
  const ItemId id = put_at(kNoon);
  store_.reset();
  database_.reset();
  EXPECT_FALSE(std::filesystem::exists(directory() / "queue.db-wal"));
  EXPECT_TRUE(Reader{directory()}.show(id));
  EXPECT_TRUE(Reader{directory()}.show(id));
  reopen();
  EXPECT_TRUE(Reader{directory()}.show(id));
}

TEST_F(ReaderTest, ReadsWhatAKilledWriterLeftInItsLog) {
  const ItemId id = put_at(kNoon);
  const TemporaryDirectory copy;  // as the disk is at the kill: no checkpoint, no -shm
  for (const char* name : {"queue.db", "queue.db-wal"})
    std::filesystem::copy_file(directory() / name, copy.path() / name);
  EXPECT_TRUE(Reader{copy.path()}.show(id));
}

TEST_F(ReaderTest, ReadsABackupWhoseNameLooksLikeAUri) {
  put_at(kNoon);
  store_.reset();
  database_.reset();
  const TemporaryDirectory copy;
  std::filesystem::create_directory(copy.path() / "50%?#");
  std::filesystem::copy_file(directory() / "queue.db", copy.path() / "50%?#" / "queue.db");
  EXPECT_EQ(Reader{copy.path() / "50%?#"}.list({}).size(), 1U);
}

TEST_F(ReaderTest, ReadsABackupThatItMayNotWriteBeside) {
  put_at(kNoon);
  store_.reset();
  database_.reset();
  const TemporaryDirectory copy;
  std::filesystem::copy_file(directory() / "queue.db", copy.path() / "queue.db");
  ASSERT_EQ(::chmod((copy.path() / "queue.db").c_str(), 0444), 0);
  ASSERT_EQ(::chmod(copy.path().c_str(), 0555), 0);
  const pid_t child = ::fork();  // root may write anywhere, so somebody else reads
  if (child == 0) {
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(2);
    try {
      ::_exit(Reader{copy.path()}.list({}).size() == 1 ? 0 : 3);
    } catch (const std::exception&) {
      ::_exit(4);
    }
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  ASSERT_EQ(::chmod(copy.path().c_str(), 0755), 0);
}

TEST_F(ReaderTest, SaysWhatIsMissing) {
  const TemporaryDirectory empty;
  EXPECT_THROW(Reader{empty.path()}, std::system_error);
  std::ofstream{empty.path() / "queue.db"};
  EXPECT_THROW(Reader{empty.path()}, std::runtime_error);
}

TEST_F(ReaderTest, KeepsItsFilesToItself) {
  put_at(kNoon);
  for (const char* name : {"queue.db", "queue.db-wal", "queue.db-shm"}) {
    struct stat facts {};
    ASSERT_EQ(::stat((directory() / name).c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U) << name;
  }
}

}  // namespace
}  // namespace sip2mail
