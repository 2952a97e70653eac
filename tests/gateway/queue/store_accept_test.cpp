#include <sys/stat.h>

#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

using StoreAccept = QueueTest;

TEST_F(StoreAccept, OpensAnEmptyFileBesideItsRow) {
  const auto e = envelope(Kind::voicemail);
  const Opened opened = commit([&](Store& store) { return store.open(e, kNoon); });
  EXPECT_EQ(opened.id, e.id);
  struct stat facts {};
  ASSERT_EQ(::fstat(opened.recording.get(), &facts), 0);
  EXPECT_EQ(facts.st_size, 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600U);
  EXPECT_TRUE(std::filesystem::exists(file(e.id)));
  EXPECT_EQ(show(e.id).state, State::recording);
  EXPECT_FALSE(show(e.id).recipients.at(0).not_before);
}

TEST_F(StoreAccept, TakesItsOwnEmptyLeftoverButNeverAFileWithSound) {
  const auto e = envelope(Kind::voicemail);
  std::ofstream{file(e.id)};
  EXPECT_EQ(open(e), e.id);
  const auto other = envelope(Kind::voicemail);
  record(file(other.id), 1s);
  EXPECT_THROW(static_cast<void>(store_->open(other, kNoon)), std::system_error);
  EXPECT_GT(std::filesystem::file_size(file(other.id)), 44U);
}

TEST_F(StoreAccept, TakesTheNewFileBackWithTheRow) {
  const auto e = envelope(Kind::voicemail);
  execute(*database_, "BEGIN");
  static_cast<void>(store_->open(e, kNoon));
  execute(*database_, "ROLLBACK");
  store_->rolled_back();
  EXPECT_FALSE(std::filesystem::exists(file(e.id)));
  EXPECT_EQ(open(e), e.id);
}

TEST_F(StoreAccept, IsDueAtOnceWhenReady) {
  auto e = envelope(Kind::voicemail, {"a@example.com", "b@example.com"});
  e.flags.unverified = true;
  open(e);
  record(file(e.id), 2s);
  commit([&](Store& store) { store.began(e.id, kNoon + 3s); });
  const Heard heard{.duration = 2s, .level_dbfs = -20, .flags = {.poor_audio = true}};
  EXPECT_EQ(commit([&](Store& store) { return store.ready(e.id, heard, kNoon + 9s); }), State::ready);
  const Item item = show(e.id);
  EXPECT_EQ(item.state, State::ready);
  EXPECT_EQ(item.began, kNoon + 3s);
  EXPECT_EQ(item.duration, Delay{2s});
  EXPECT_EQ(item.size, 32'044U);
  EXPECT_EQ(item.envelope.flags, (Flags{.poor_audio = true, .unverified = true}));
  ASSERT_EQ(item.recipients.size(), 2U);
  EXPECT_EQ(item.recipients[1].not_before, kNoon + 9s);
  EXPECT_EQ(Reader{directory()}.content(e.id)->recording, file(e.id));
  // A second time changes nothing.
  EXPECT_EQ(commit([&](Store& store) { return store.ready(e.id, Heard{}, kNoon + 99s); }), State::ready);
  EXPECT_EQ(show(e.id).duration, Delay{2s});
  EXPECT_EQ(commit([&](Store& store) { return store.missed(e.id, kNoon + 99s); }), State::ready);
  EXPECT_EQ(show(e.id).envelope.kind, Kind::voicemail);
}

TEST_F(StoreAccept, IsReadyEvenWhenItsFileIsGone) {
  const auto e = envelope(Kind::voicemail);
  open(e);
  std::filesystem::remove(file(e.id));
  EXPECT_EQ(commit([&](Store& store) { return store.ready(e.id, Heard{1s, -20, {}}, kNoon); }), State::ready);
  EXPECT_EQ(show(e.id).size, 0U);
  EXPECT_FALSE(Reader{directory()}.content(e.id)->recording);
}

TEST_F(StoreAccept, UnlinksTheFileOfAMissedCallAfterTheCommit) {
  const auto e = envelope(Kind::voicemail);
  open(e);
  execute(*database_, "BEGIN");
  EXPECT_EQ(store_->missed(e.id, kNoon + 5s), State::ready);
  store_->before_commit();
  EXPECT_TRUE(std::filesystem::exists(file(e.id)));
  execute(*database_, "COMMIT");
  EXPECT_TRUE(std::filesystem::exists(file(e.id)));
  EXPECT_EQ(count("SELECT count(*) FROM unlinks"), 1);
  static_cast<void>(store_->committed());
  EXPECT_FALSE(std::filesystem::exists(file(e.id)));
  EXPECT_EQ(show(e.id).envelope.kind, Kind::missed);
  EXPECT_EQ(show(e.id).recipients.at(0).not_before, kNoon + 5s);
  commit([](Store&) {});
  EXPECT_EQ(count("SELECT count(*) FROM unlinks"), 0);
}

TEST_F(StoreAccept, ForgetsARecordingButNothingThatIsReady) {
  const auto e = envelope(Kind::voicemail);
  open(e);
  commit([&](Store& store) { store.forget(e.id); });
  EXPECT_FALSE(is_there(e.id));
  EXPECT_FALSE(std::filesystem::exists(file(e.id)));
  EXPECT_TRUE(changes_.at(0).gone);
  const ItemId kept = put(envelope());
  commit([&](Store& store) { store.forget(kept); });
  EXPECT_TRUE(is_there(kept));
}

TEST_F(StoreAccept, KeepsEveryByteOfAText) {
  const auto e = envelope();
  const std::vector<Part> parts{{"text/plain", "", std::string{"a\0b\xff", 4}}, {"image/png", "x.png", "png"}};
  commit([&](Store& store) { return store.put(e, parts, std::nullopt, kNoon); });
  const auto content = Reader{directory()}.content(e.id);
  ASSERT_EQ(content->parts.size(), 2U);
  EXPECT_EQ(content->parts[0].body, (std::string{"a\0b\xff", 4}));
  EXPECT_EQ(content->parts[1].name, "x.png");
  EXPECT_EQ(show(e.id).size, 7U);
  EXPECT_EQ(show(e.id).state, State::ready);
}

TEST_F(StoreAccept, RefusesAnItemForNobody) {
  EXPECT_THROW(static_cast<void>(store_->put(envelope(Kind::text, {}), kHello, std::nullopt, kNoon)),
               std::invalid_argument);
}

TEST_F(StoreAccept, AnswersADuplicateWithTheFirstForADay) {
  const auto put_at = [&](Timestamp at, std::uint8_t k) {
    const auto e = envelope();
    return commit([&](Store& store) { return store.put(e, kHello, key(k), at); });
  };
  const Stored first = put_at(kNoon, 1);
  EXPECT_FALSE(first.again);
  EXPECT_FALSE(put_at(kNoon, 2).again);
  reopen();
  const Stored again = put_at(kNoon + 24h - 1ms, 1);
  EXPECT_TRUE(again.again);
  EXPECT_EQ(again.id, first.id);
  EXPECT_EQ(count("SELECT count(*) FROM items"), 2);
  const Stored later = put_at(kNoon + 24h, 1);
  EXPECT_FALSE(later.again);
  EXPECT_EQ(put_at(kNoon + 25h, 1).id, later.id);
}

TEST_F(StoreAccept, StoresTheSameItemOnce) {
  const auto e = envelope();
  put(e);
  EXPECT_TRUE(commit([&](Store& store) { return store.put(e, kHello, std::nullopt, kNoon); }).again);
  EXPECT_EQ(count("SELECT count(*) FROM items"), 1);
}

}  // namespace
}  // namespace sip2mail
