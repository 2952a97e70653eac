#include "src/routing/caller.hpp"

#include <algorithm>

#include "src/base/text.hpp"
#include "src/item.hpp"

namespace sip2mail {
namespace {

bool is_withheld(const Request& request, const NamedUri& who) {
  const auto wishes = split_list(lower(request.privacy), ';');
  const bool wished = std::any_of(wishes.begin(), wishes.end(), [](const std::string& wish) {
    return wish == "id" || wish == "user" || wish == "header" || wish == "full";  // RFC 3323 4.2, RFC 3325 9.3
  });
  const std::string user = lower(plain_user(who.uri.user));
  return wished || user == "anonymous" || user == "restricted" || lower(who.uri.host) == "anonymous.invalid";
}

// Japanese networks put the cause of a missing number where the name would be (TTC JJ-90.22). What a caller writes
// there never gets through: these words alone are known.
std::string cause(const Request& request) {
  const std::string word = lower(printable(request.from.display, 64));
  if (word == "coin line/payphone") return std::string{kPayphone};
  if (word == "unavailable" || word == "interaction with other service") return std::string{kUnavailable};
  return {};
}

}  // namespace

Caller find_caller(const Request& request) {
  const NamedUri& who = request.asserted       ? *request.asserted
                        : request.remote_party ? *request.remote_party
                                               : request.from;
  if (is_withheld(request, who)) return {"anonymous", cause(request), request.asserted.has_value()};
  Caller caller{printable(plain_user(who.uri.user), 128), printable(who.display, 256), request.asserted.has_value()};
  // PBXs that assert a bare number still carry the name in From.
  if (caller.name.empty() && !is_withheld(request, request.from)) caller.name = printable(request.from.display, 256);
  if (caller.number.empty()) caller.number = printable(who.uri.host, 128);
  return caller;
}

}  // namespace sip2mail
