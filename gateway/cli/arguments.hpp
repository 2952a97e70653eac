// gateway/cli/arguments.hpp -- the command line: words, and the options of all commands.
//
// Pure; throws CommandFailure{usage}. Which command takes which option is checked by commands.cpp.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sip2mail {

struct Arguments {
  std::vector<std::string> words;  // "queue", "show", ID
  std::set<std::string> given;     // names of the options that stand there: "json", "to"
  std::optional<std::string> config;
  std::vector<std::string> set;
  std::string state;
  std::optional<std::string> mailbox;
  std::optional<std::string> kind;
  std::string to;
  std::string format;
  std::string output;
  std::string audio;
  std::string from;
  std::vector<std::string> diversion;
  [[nodiscard]] bool has(const std::string& option) const { return given.contains(option); }
};

[[nodiscard]] Arguments parse_arguments(const std::vector<std::string>& arguments);

}  // namespace sip2mail
