// The walls of the house: which room may include which (ARCHITECTURE.md), read from the sources themselves.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <vector>

namespace sip2mail {
namespace {

namespace fs = std::filesystem;
const fs::path kRoot{SIP2MAIL_SOURCE_DIR};

void each_include(const fs::path& below,
                  const std::function<void(const std::string& file, const std::string& what)>& take) {
  static const std::regex include{R"(^\s*#\s*include\s*[<"]([^>"]+)[>"])"};
  for (const auto& entry : fs::recursive_directory_iterator{kRoot / below}) {
    if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
    std::ifstream file{entry.path()};
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
      if (std::regex_search(line, match, include)) take(fs::relative(entry.path(), kRoot).string(), match[1]);
    }
  }
}

// A room uses only rooms of a lower rank; neighbours of one rank never meet.
int rank(const std::string& path) {
  static const std::map<std::string, int> kRanks{{"base", 0}, {"config", 1},   {"queue", 2}, {"media", 3}, {"relay", 3},
                                                 {"sip", 4},  {"delivery", 4}, {"web", 4},   {"cli", 6}};
  const fs::path relative{path};
  auto part = relative.begin();
  if (part == relative.end() || *part != "gateway") return -1;
  const std::string room = *++part;
  if (room == "main.cpp") return 7;
  if (room.starts_with("serve") || room.starts_with("reload")) return 5;
  const auto found = kRanks.find(room);
  return found == kRanks.end() ? -1 : found->second;
}

TEST(House, CoreKnowsNothingOfTheProcess) {
  static const std::vector<std::string> kForbidden{"gateway/",  "sofia-sip/", "curl/",    "sqlite3",
                                                   "SQLiteCpp", "httplib",    "spdlog",   "sys/socket",
                                                   "thread",    "mutex",      "unistd.h", "fcntl.h"};
  each_include("src", [](const std::string& file, const std::string& what) {
    for (const std::string& name : kForbidden) {
      EXPECT_FALSE(what.starts_with(name)) << file << " includes " << what;
    }
  });
}

TEST(House, RoomsUseOnlyWhatStandsBelowThem) {
  each_include("gateway", [](const std::string& file, const std::string& what) {
    const int user = rank(file);
    const int used = rank(what);
    if (used < 0) return;
    const bool same_room = fs::path{file}.parent_path() == fs::path{what}.parent_path();
    EXPECT_TRUE(same_room || used < user) << file << " includes " << what;
  });
}

TEST(House, EachCLibraryHasOneRoom) {
  static const std::vector<std::pair<std::string, std::string>> kHomes{
      {"sofia-sip/", "gateway/sip/"}, {"SQLiteCpp", "gateway/queue/"}, {"sqlite3", "gateway/queue/"},
      {"curl/", "gateway/relay/"},    {"spdlog", "gateway/base/"},     {"gmime", "src/mail/"}};
  for (const char* half : {"src", "gateway"}) {
    each_include(half, [](const std::string& file, const std::string& what) {
      for (const auto& [library, home] : kHomes) {
        EXPECT_TRUE(!what.starts_with(library) || file.starts_with(home)) << file << " includes " << what;
      }
    });
  }
}

TEST(House, NoFileHoldsTwoThoughts) {
  for (const char* half : {"src", "gateway"}) {
    for (const auto& entry : fs::recursive_directory_iterator{kRoot / half}) {
      if (entry.path().extension() != ".hpp" && entry.path().extension() != ".cpp") continue;
      std::ifstream file{entry.path()};
      long lines = 0;
      for (std::string line; std::getline(file, line);) ++lines;
      EXPECT_LE(lines, 400) << entry.path();
    }
  }
}

}  // namespace
}  // namespace sip2mail
