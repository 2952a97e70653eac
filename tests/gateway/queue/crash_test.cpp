// Kills and errors at every system call of a small life of the queue: what was acknowledged is there, whole.
#ifdef SIP2MAIL_FAULTS

#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <set>
#include <sstream>

#include "tests/gateway/queue/queue_fixture.hpp"

namespace sip2mail {
namespace {

using Promises = std::map<std::string, std::set<ItemId>>;

struct Life {
  Promises said;
  int status = 0;
  [[nodiscard]] bool ended() const { return WIFEXITED(status) && said.contains("end"); }
  [[nodiscard]] bool has(const std::string& word, const ItemId& id) const {
    const auto ids = said.find(word);
    return ids != said.end() && ids->second.contains(id);
  }
};

// On the fastest file system there is: a kill leaves the page cache alone, so syncing proves nothing here.
std::filesystem::path scratch() {
  return ::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path();
}

// The fault strikes files of the directory, or only those whose path goes on with `below`.
Life live(const std::filesystem::path& directory, const std::string& fault, const std::string& below = "") {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw_errno("cannot create", "pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    ::dup2(::open("/dev/null", O_WRONLY), STDERR_FILENO);
    ::setenv("LD_PRELOAD", SIP2MAIL_FAULTS, 1);
    ::setenv("SIP2MAIL_FAULT", (fault + ":" + directory.string() + below).c_str(), 1);
    ::execl(SIP2MAIL_QUEUE_LOAD, SIP2MAIL_QUEUE_LOAD, directory.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(pipe[1]);
  const Fd out{pipe[0]};
  std::string text;
  std::array<char, 4096> bytes{};
  for (ssize_t got = 0; (got = ::read(out.get(), bytes.data(), bytes.size())) > 0;)
    text.append(bytes.data(), static_cast<std::size_t>(got));
  Life life;
  ::waitpid(child, &life.status, 0);
  std::istringstream lines{text};
  for (std::string word, id; lines >> word >> id;) life.said[word].insert(ItemId::parse(id).value());
  return life;
}

class Crash : public ::testing::Test {
 protected:
  // Starts again on what is left and compares it with what was promised.
  void check(const std::filesystem::path& directory, const Life& life) {
    Health health;
    Log log{LogFormat::logfmt, static_cast<Level>(static_cast<int>(Level::error) + 1)};
    const Writer writer{{directory, 1s}, health, log};
    const Reader reader{directory};
    const auto promised = [&](const std::string& word) {
      const auto ids = life.said.find(word);
      return ids == life.said.end() ? std::set<ItemId>{} : ids->second;
    };
    for (const char* word : {"put", "open", "recorded", "ready", "missed", "done"}) {
      for (const ItemId& id : promised(word)) EXPECT_TRUE(reader.show(id)) << word << " is lost";
    }
    for (const ItemId& id : promised("done")) EXPECT_EQ(reader.show(id)->state, State::delivered);
    for (const ItemId& id : promised("missed")) EXPECT_EQ(reader.show(id)->envelope.kind, Kind::missed);
    for (const ItemId& id : promised("recorded")) {
      const Item item = reader.show(id).value();
      EXPECT_EQ(item.envelope.kind, Kind::voicemail);
      EXPECT_EQ(item.state, State::ready);
      EXPECT_EQ(item.duration, Delay{2s});
      EXPECT_TRUE(reader.content(id)->recording);
    }
    nothing_is_half(directory, reader);
  }

  static void nothing_is_half(const std::filesystem::path& directory, const Reader& reader) {
    std::set<std::string> files;
    Filter all;
    all.states = {State::recording, State::held, State::ready, State::failed, State::delivered};
    for (const Item& item : reader.list(all)) {
      EXPECT_NE(item.state, State::recording);
      EXPECT_FALSE(item.recipients.empty());
      const auto content = reader.content(item.envelope.id).value();
      if (item.envelope.kind == Kind::text && item.content) {
        EXPECT_EQ(content.parts.size(), 1U);
      }
      if (item.envelope.kind == Kind::voicemail) {
        EXPECT_TRUE(content.recording);
        files.insert(recording_name(item.envelope.id));
      }
      if (item.state == State::ready) {
        EXPECT_TRUE(item.recipients[0].not_before);
      }
    }
    for (const auto& entry : std::filesystem::directory_iterator{directory / "recordings"})
      EXPECT_TRUE(files.contains(entry.path().filename().string())) << entry.path();
  }

  // One fault at a time, at the first such call, the second, … until there is no further one.
  void everywhere(const std::string& action, const std::string& call, bool kills) {
    int n = 1;
    for (; n < 1000; ++n) {
      const TemporaryDirectory temporary{scratch()};
      const std::filesystem::path& directory = temporary.path();
      const std::string fault = action + ":" + call + ":" + std::to_string(n);
      const Life life = live(directory, fault);
      {
        SCOPED_TRACE(fault);
        check(directory, life);
      }
      if (HasFailure()) return;
      if (kills && life.ended()) break;
      if (!kills && n > 60) break;
    }
    EXPECT_GT(n, kills ? 5 : 1);
  }
};

TEST_F(Crash, KilledAtAnyCallItLosesNothing) {
  everywhere("kill", "any", true);
}

TEST_F(Crash, RefusedByAFullDiskItLosesNothing) {
  everywhere("ENOSPC", "pwrite", false);
}

TEST_F(Crash, RefusedByASickDiskItLosesNothing) {
  everywhere("EIO", "fdatasync", false);
}

// After a power cut a row without its file would be a call that was accepted and lost: no room for it, no 200.
TEST_F(Crash, NoCallIsTakenWhoseFileMayVanish) {
  const TemporaryDirectory temporary{scratch()};
  const Life life = live(temporary.path(), "EIO:fsync:1+", "/recordings");
  EXPECT_FALSE(life.said.contains("open"));
  EXPECT_TRUE(life.said.contains("refused"));
  EXPECT_TRUE(life.said.contains("put")) << "texts have no file";
  check(temporary.path(), life);
}

}  // namespace
}  // namespace sip2mail

#endif
