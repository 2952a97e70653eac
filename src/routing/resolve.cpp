#include "src/routing/resolve.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kPlaceholder = "{mailbox}";

const Mailbox* find(const std::vector<Mailbox>& mailboxes, std::string_view id) {
  const auto found =
      std::find_if(mailboxes.begin(), mailboxes.end(), [&](const Mailbox& mailbox) { return mailbox.id == id; });
  return found == mailboxes.end() ? nullptr : &*found;
}

std::string put_in(std::string address, std::string_view user) {
  for (auto at = address.find(kPlaceholder); at != std::string::npos; at = address.find(kPlaceholder, at + user.size()))
    address.replace(at, kPlaceholder.size(), user);
  return address;
}

std::string say(std::string_view user, const Mailbox& mailbox) {
  return "request-uri " + printable(user, 80) + " is [mailbox." + mailbox.id + "] (" + mailbox.where + ")";
}

}  // namespace

bool is_mailbox_user(std::string_view user) {
  const auto letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+';
  };
  return !user.empty() && user.size() <= 64 && letter_or_digit(user.front()) &&
         std::all_of(user.begin(), user.end(),
                     [&](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<Resolution> resolve(const Request& request, const std::vector<Mailbox>& mailboxes) {
  const std::string user = plain_user(request.request_uri.user);
  if (user.empty() || user == "*") return std::nullopt;
  for (const std::string& id : {user + "@" + lower(request.request_uri.host), user}) {
    if (const Mailbox* mailbox = find(mailboxes, id))
      return Resolution{id, mailbox->email, say(user, *mailbox), mailbox};
  }
  const Mailbox* catch_all = find(mailboxes, "*");
  if (catch_all == nullptr || !is_mailbox_user(user)) return std::nullopt;
  Resolution resolution{user, {}, say(user, *catch_all), catch_all};
  for (const std::string& address : catch_all->email) resolution.addresses.push_back(put_in(address, user));
  return resolution;
}

}  // namespace sip2mail
