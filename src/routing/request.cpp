#include "src/routing/request.hpp"

#include "src/base/text.hpp"

namespace sip2mail {

std::string plain_user(std::string_view user) {
  std::string decoded = percent_decode(user).value_or("");
  if (const auto end = decoded.find(';'); end != std::string::npos) decoded.resize(end);
  return decoded;
}

}  // namespace sip2mail
