#include "gateway/config/secret_files.hpp"

#include <map>
#include <system_error>

#include "gateway/base/files.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kLongestSecret = 64 * 1024;

// With its error nothing starts; but the checks that follow need not say that a secret is missing too.
constexpr std::string_view kStandIn = "?";

// Why it is none, or "".
std::string fault(const std::string& secret) {
  if (secret.size() > kLongestSecret) return "is larger than 64K";
  if (secret.empty()) return "is empty";
  return secret.find('\0') != std::string::npos ? "holds a NUL character" : "";
}

void drop_line_end(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

}  // namespace

void read_secret_files(Layer& layer,
                       const std::function<std::string_view(std::string_view, std::string_view)>& secret_behind) {
  std::vector<Given> given;
  for (Given& each : layer.given) {
    const std::string key{secret_behind(each.section, each.key)};
    if (key.empty()) {
      given.push_back(std::move(each));
      continue;
    }
    const std::string name = each.name();
    const std::string file = printable(each.value, 300);
    std::string secret;
    std::string why;
    try {
      secret = read_file(each.value, kLongestSecret + 1);
      drop_line_end(secret);
      why = fault(secret);
    } catch (const std::system_error& error) {
      why = "cannot be read: " + error.code().message();
    }
    if (!why.empty()) {
      layer.errors.push_back(each.where + ": " + name + ": " + file + " " + why);
      secret = kStandIn;
    }
    given.push_back({each.section, key, std::move(secret), each.where + " (" + file + ")"});
  }
  std::map<std::string, std::string> places;
  std::erase_if(given, [&](const Given& each) {
    const auto [first, fresh] = places.emplace(each.name(), each.where);
    if (!fresh) layer.errors.push_back(each.where + ": " + each.name() + " is set twice: " + first->second);
    return !fresh;
  });
  layer.given = std::move(given);
}

}  // namespace sip2mail
