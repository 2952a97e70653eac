#include <netdb.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "gateway/base/files.hpp"
#include "gateway/config/load.hpp"
#include "src/mail/zone.hpp"

namespace sip2mail {
namespace {

std::string full_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return {};
  std::string host = name.data();
  if (host.find('.') != std::string::npos) return host;
  addrinfo hints{};
  hints.ai_flags = AI_CANONNAME;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return host;
  std::string full = found->ai_canonname == nullptr ? host : found->ai_canonname;
  ::freeaddrinfo(found);
  return full;
}

unsigned number_at(const std::string& bytes, std::size_t at, std::size_t count) {
  unsigned number = 0;
  for (std::size_t i = count; i-- > 0;) number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

std::string wav_fault(const std::filesystem::path& path) {
  constexpr std::size_t start = 64 * 1024;
  try {
    const std::string bytes = read_file(path, start);
    if (bytes.size() < 12 || bytes.substr(0, 4) != "RIFF" || bytes.substr(8, 4) != "WAVE") return "is no WAV file";
    for (std::size_t at = 12; at + 24 <= bytes.size();
         at += 8 + number_at(bytes, at + 4, 4) + number_at(bytes, at + 4, 1) % 2) {
      if (bytes.substr(at, 4) != "fmt ") continue;
      const bool pcm16 = number_at(bytes, at + 8, 2) == 1 && number_at(bytes, at + 22, 2) == 16;
      return pcm16 ? "" : "is no WAV file of 16 bit PCM";
    }
    return "is no WAV file";
  } catch (const std::system_error& error) {
    return "cannot be read: " + error.code().message();
  }
}

}  // namespace

Machine this_machine() {
  return {::isatty(STDOUT_FILENO) == 1, full_host_name,
          [](const std::string& name) { return Zone::load(name).has_value(); }, wav_fault, this_container()};
}

}  // namespace sip2mail
