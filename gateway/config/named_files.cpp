#include "gateway/config/named_files.hpp"

#include <filesystem>
#include <system_error>

#include "gateway/base/files.hpp"
#include "gateway/config/values.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

std::string read(const std::string& path, std::size_t most) {
  try {
    std::string text = read_file(path, most + 1);
    if (text.size() > most) throw BadValue{printable(path, 200) + " is larger than " + std::to_string(most) + " bytes"};
    return text;
  } catch (const std::system_error& error) {
    throw BadValue{printable(path, 200) + " cannot be read: " + error.code().message()};
  }
}

}  // namespace

std::string parse_certificates(const std::string& path) {
  if (path.empty()) return {};
  const std::string text = read(path, 16 * 1024 * 1024);
  if (text.find("-----BEGIN CERTIFICATE-----") == std::string::npos &&
      text.find("-----BEGIN TRUSTED CERTIFICATE-----") == std::string::npos)
    throw BadValue{printable(path, 200) + " holds no certificate (PEM)"};
  return std::filesystem::absolute(path).string();
}

}  // namespace sip2mail
