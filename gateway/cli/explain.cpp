#include <algorithm>
#include <istream>
#include <iterator>
#include <ostream>
#include <system_error>

#include "gateway/base/files.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/sip/raw_request.hpp"
#include "src/base/text.hpp"
#include "src/routing/caller.hpp"
#include "src/routing/resolve.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMost = 512 * 1024;  // more than any request: read_raw_request() says so

std::string read_input(const Arguments& arguments, const Program& program) {
  if (arguments.words.empty() || arguments.words[0] == "-")
    return {std::istreambuf_iterator<char>{program.io.in}, std::istreambuf_iterator<char>{}};
  try {
    return read_file(arguments.words[0], kMost);
  } catch (const std::system_error& error) {
    throw CommandFailure{Exit::data, error.what()};
  }
}

// Whom the request names, in the order in which they are tried.
std::string tried(const Request& request, const Settings& settings) {
  std::string words;
  for (const Candidate& candidate : find_candidates(request, settings.sip.mailbox_sources))
    words += (words.empty() ? "" : ", ") + std::string{to_text(candidate.source)} + " " + printable(candidate.user, 80);
  return words.empty() ? "it names nobody" : words;
}

}  // namespace

Exit explain_command(const Arguments& arguments, const Program& program) {
  const Settings settings = load_config(arguments, program).settings;
  const auto request = read_raw_request(read_input(arguments, program));
  if (!request) throw CommandFailure{Exit::data, "not understood: " + request.error()};
  if (request->method != "INVITE" && request->method != "MESSAGE")
    throw CommandFailure{Exit::data, printable(request->method, 40) + " goes to no mailbox: INVITE and MESSAGE do"};
  const auto resolution = resolve(*request, settings.mailboxes, settings.sip.mailbox_sources);
  if (!resolution)
    throw CommandFailure{Exit::data, "no mailbox, the answer is 404; tried: " + tried(*request, settings)};
  const auto line = [&](std::string_view name, const std::string& value) {
    program.io.out << name << std::string(12 - name.size(), ' ') << (value.empty() ? "-" : printable(value)) << '\n';
  };
  const Caller caller = find_caller(*request);
  line("mailbox", resolution->mailbox);
  line("rule", resolution->rule);
  for (const std::string& address : resolution->addresses) line("to", address);
  line("kind", request->method == "INVITE" ? "voicemail" : "text");
  line("caller", caller.name.empty() ? caller.number : caller.name + " (" + caller.number + ")");
  line("callee", first_called(*request));
  line("reason", resolution->reason);
  return Exit::ok;
}

}  // namespace sip2mail
