// gateway/cli/io.hpp -- what a command speaks through, how it ends, and how it fails.
//
// The streams and the machine are handed in, so that a command is a function to a test. A command throws
// CommandFailure for what it can say in words; commands.cpp turns it, and every other exception, into one line on
// standard error and an exit status.
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "gateway/config/load.hpp"
#include "gateway/queue/reader.hpp"

namespace sip2mail {

// sysexits.h
enum class Exit : int {
  ok = 0,
  unwell = 1,        // health only
  usage = 64,        // the command line is wrong
  data = 65,         // what it names is wrong
  unavailable = 69,  // the gateway or a relay does not answer
  cannot_create = 73,
  io = 74,
  try_later = 75,
  refused = 77,
  config = 78,
};

struct CommandFailure : std::runtime_error {
  CommandFailure(Exit how, const std::string& why) : std::runtime_error{why}, status{how} {}
  Exit status;
};

struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool terminal = false;  // `out` is one
};

// What main() gives to the commands.
struct Program {
  Io io;
  Environment environment;
  Machine machine;
  std::vector<std::filesystem::path> default_files;
  // What was loaded, and how to load it again.
  std::function<int(const Loaded&, std::function<Loaded()>)> serve;
  // The mail as it would be sent.
  std::function<std::string(const Settings&, const Item&, const Recipient&, const StoredContent&)> make_mail;
};

}  // namespace sip2mail
