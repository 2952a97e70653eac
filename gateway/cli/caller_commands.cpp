// `sip2mail call` and `sip2mail message`: the test caller's words and exit statuses.
#include <ostream>

#include "gateway/base/files.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/sip/test_caller.hpp"
#include "src/audio/resampler.hpp"
#include "src/base/text.hpp"
#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostAudio = 64 * 1024 * 1024;
constexpr int kRate = 8000;

// 0 left; 77 refused for good (401, 403, 404, 6xx); 75 other refusals (busy, 5xx); 69 no answer.
Exit exit_of(int status) {
  if (status == 0 || status == 408) return Exit::unavailable;
  if (status >= 200 && status < 300) return Exit::ok;
  const bool for_good = status == 401 || status == 403 || status == 404 || status == 407 || status >= 600;
  return for_good ? Exit::refused : Exit::try_later;
}

std::vector<std::int16_t> read_audio(const std::string& file) {
  try {
    const auto wav = read_wav(read_file(file, kMostAudio));
    if (!wav) throw CommandFailure{Exit::data, file + ": " + wav.error()};
    return resample(wav->samples, wav->rate, kRate);
  } catch (const std::system_error& error) {
    throw CommandFailure{Exit::data, error.what()};
  }
}

// A URI alone, or a whole value with its parameters: "<sip:2001@pbx>;reason=no-answer".
std::string diversion_value(const std::string& given) {
  if (given.empty() || given.find('<') != std::string::npos) return given;
  return "<" + given + ">;reason=no-answer";
}

void check_header(const std::string& name, const std::string& value) {
  if (printable(value, 1000) != value)
    throw CommandFailure{Exit::usage, "--" + name + " holds what cannot stand in a SIP header"};
}

}  // namespace

Exit call_command(const Arguments& arguments, const Program& program) {
  if (arguments.audio.empty())
    throw CommandFailure{Exit::usage, "call needs --audio FILE, a WAV file with what is to be said"};
  check_header("from", arguments.from);
  for (const std::string& each : arguments.diversion) check_header("diversion", each);
  TestCallPlan plan;
  plan.uri = arguments.words[0];
  plan.from = arguments.from;
  for (const std::string& each : arguments.diversion) plan.diversions.push_back(diversion_value(each));
  plan.samples = read_audio(arguments.audio);
  const Say say = [&](const std::string& line) { program.io.out << line << std::endl; };
  try {
    return exit_of(leave_voicemail(plan, say));
  } catch (const std::runtime_error& error) {
    throw CommandFailure{Exit::data, error.what()};
  }
}

Exit message_command(const Arguments& arguments, const Program& program) {
  check_header("from", arguments.from);
  std::string text;
  for (std::size_t i = 1; i < arguments.words.size(); ++i) text += (i == 1 ? "" : " ") + arguments.words[i];
  const Say say = [&](const std::string& line) { program.io.out << line << std::endl; };
  try {
    return exit_of(leave_text(arguments.words[0], arguments.from, text, say));
  } catch (const std::runtime_error& error) {
    throw CommandFailure{Exit::data, error.what()};
  }
}

}  // namespace sip2mail
