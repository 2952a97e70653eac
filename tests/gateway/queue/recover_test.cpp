#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

class Recover : public QueueTest {
 protected:
  void run(Delay min_length = 1s) {
    reopen();
    recover(*database_, *recordings_, {.min_length = min_length, .longest_wait = 10min}, kNoon + 1h, log_);
  }
  [[nodiscard]] static std::string bytes(const std::filesystem::path& path) { return read_file(path, 1 << 20); }
  Log log_{LogFormat::logfmt, Level::error};
};

TEST_F(Recover, MakesAVoicemailOfWhatWasSaid) {
  const ItemId id = open(envelope(Kind::voicemail));
  record(file(id), 3s, 16000);
  run();
  const Item item = show(id);
  EXPECT_EQ(item.state, State::ready);
  EXPECT_EQ(item.envelope.kind, Kind::voicemail);
  EXPECT_EQ(item.duration, Delay{3s});
  EXPECT_TRUE(item.envelope.flags.interrupted);
  EXPECT_EQ(item.recipients.at(0).not_before, kNoon + 1h);
  EXPECT_EQ(item.size, 96'044U);
  EXPECT_EQ(bytes(file(id)).substr(0, kWavHeader), wav_header({16000, 96'000}));
}

TEST_F(Recover, MakesAMissedCallOfLessThanMinLength) {
  const ItemId shorter = open(envelope(Kind::voicemail));
  const ItemId empty = open(envelope(Kind::voicemail));
  const ItemId missing = open(envelope(Kind::voicemail));
  record(file(shorter), 999ms);
  std::filesystem::remove(file(missing));
  run();
  for (const ItemId& id : {shorter, empty, missing}) {
    EXPECT_EQ(show(id).envelope.kind, Kind::missed);
    EXPECT_EQ(show(id).state, State::ready);
    EXPECT_FALSE(std::filesystem::exists(file(id)));
  }
}

TEST_F(Recover, NeverMakesAVoicemailOfSilenceWithoutBytes) {
  const ItemId id = open(envelope(Kind::voicemail));
  record(file(id), 0ms);
  run(0s);
  EXPECT_EQ(show(id).envelope.kind, Kind::missed);
}

TEST_F(Recover, KeepsSoundWhoseHeaderNeverReachedTheDisk) {
  const ItemId id = open(envelope(Kind::voicemail));
  std::ofstream{file(id), std::ios::binary} << std::string(kWavHeader + 32'001, '\0');
  run();
  EXPECT_EQ(show(id).duration, Delay{2s});
  EXPECT_EQ(bytes(file(id)).substr(0, kWavHeader), wav_header({8000, 32'000}));
}

TEST_F(Recover, SurvivesARecordingThatIsNoFile) {
  const ItemId id = open(envelope(Kind::voicemail));
  std::filesystem::remove(file(id));
  std::filesystem::create_directory(file(id));
  run();
  EXPECT_EQ(show(id).state, State::ready);
}

TEST_F(Recover, FinishesTheUnlinksOfTheLastRun) {
  const ItemId id = open(envelope(Kind::voicemail));
  execute(*database_, "BEGIN");
  store_->missed(id, kNoon);
  store_->before_commit();
  execute(*database_, "COMMIT");  // killed here
  run();
  EXPECT_FALSE(std::filesystem::exists(file(id)));
  EXPECT_FALSE(std::filesystem::exists(directory() / "lost"));
  EXPECT_EQ(count("SELECT count(*) FROM unlinks"), 0);
}

TEST_F(Recover, SetsAsideWhatNoRowKnows) {
  const ItemId known = open(envelope(Kind::voicemail));
  record(file(known), 2s);
  const auto stranger = recording_name(envelope().id);
  record(directory() / "recordings" / stranger, 2s);
  std::ofstream{directory() / "recordings" / "notes.txt"} << "kept";
  std::filesystem::create_directory(directory() / "lost");
  std::ofstream{directory() / "lost" / "notes.txt"} << "older";
  run();
  EXPECT_TRUE(std::filesystem::exists(file(known)));
  EXPECT_EQ(std::filesystem::file_size(directory() / "lost" / stranger), 32'044U);
  EXPECT_EQ(bytes(directory() / "lost" / "notes.txt"), "older");
  EXPECT_EQ(bytes(directory() / "lost" / "notes.txt.1"), "kept");
}

TEST_F(Recover, MakesDueWhatAClockThatWasAheadPutOff) {
  const ItemId ahead = put(envelope());
  const ItemId waits = put(envelope());
  commit([&](Store& store) { return store.defer({ahead, 1}, kLater, 1min, kNoon + 24h * 365); });
  commit([&](Store& store) { return store.defer({waits, 1}, kLater, 5min, kNoon + 1h); });
  run();
  EXPECT_EQ(show(ahead).recipients.at(0).not_before, kNoon + 1h);
  EXPECT_EQ(show(waits).recipients.at(0).not_before, kNoon + 1h + 5min);
}

TEST_F(Recover, ChangesNothingTheSecondTime) {
  const ItemId id = open(envelope(Kind::voicemail));
  record(file(id), 2s);
  const ItemId text = put(envelope());
  run();
  const auto before = bytes(file(id));
  run();
  EXPECT_EQ(bytes(file(id)), before);
  EXPECT_EQ(show(id).state, State::ready);
  EXPECT_EQ(show(id).recipients.at(0).tries, 0);
  EXPECT_EQ(show(text).recipients.at(0).not_before, kNoon);
}

}  // namespace
}  // namespace sip2mail
