#include "src/routing/resolve.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kPlaceholder = "{mailbox}";

// `[mailbox.USER@DOMAIN]` before `[mailbox.USER]` before an alias.
const Mailbox* find(const std::vector<Mailbox>& mailboxes, const Candidate& candidate) {
  const std::string with_host = candidate.user + "@" + candidate.host;
  const Mailbox* best = nullptr;
  int best_rank = 3;
  for (const Mailbox& mailbox : mailboxes) {
    const bool is_alias =
        std::find(mailbox.aliases.begin(), mailbox.aliases.end(), candidate.user) != mailbox.aliases.end();
    const int rank = mailbox.id == with_host ? 0 : mailbox.id == candidate.user ? 1 : is_alias ? 2 : 3;
    if (rank < best_rank && mailbox.id != "*") {
      best = &mailbox;
      best_rank = rank;
    }
  }
  return best;
}

const Mailbox* find_catch_all(const std::vector<Mailbox>& mailboxes) {
  const auto found =
      std::find_if(mailboxes.begin(), mailboxes.end(), [](const Mailbox& mailbox) { return mailbox.id == "*"; });
  return found == mailboxes.end() ? nullptr : &*found;
}

std::string put_in(std::string address, std::string_view user) {
  for (auto at = address.find(kPlaceholder); at != std::string::npos; at = address.find(kPlaceholder, at + user.size()))
    address.replace(at, kPlaceholder.size(), user);
  return address;
}

std::string say(const Candidate& candidate, const Mailbox& mailbox) {
  return std::string{to_text(candidate.source)} + " " + printable(candidate.user, 80) + " is [mailbox." + mailbox.id +
         "] (" + mailbox.where + ")";
}

// Diversion says why the called one was left even when another header named the mailbox.
std::string reason_of(const Candidate& winner, const Request& request) {
  if (!winner.reason.empty()) return winner.reason;
  for (auto diverter = request.diversions.rbegin(); diverter != request.diversions.rend(); ++diverter) {
    if (plain_user(diverter->uri.user) == winner.user) return diversion_reason(diverter->reason);
  }
  return request.diversions.empty() ? "" : diversion_reason(request.diversions.back().reason);
}

}  // namespace

const Mailbox* find_mailbox(const std::vector<Mailbox>& mailboxes, std::string_view id) {
  const auto own =
      std::find_if(mailboxes.begin(), mailboxes.end(), [&](const Mailbox& mailbox) { return mailbox.id == id; });
  if (own != mailboxes.end()) return &*own;
  return id.empty() ? nullptr : find_catch_all(mailboxes);
}

bool is_mailbox_user(std::string_view user) {
  const auto letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+';
  };
  return !user.empty() && user.size() <= 64 && letter_or_digit(user.front()) &&
         std::all_of(user.begin(), user.end(),
                     [&](char c) { return letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<Resolution> resolve(const Request& request, const std::vector<Mailbox>& mailboxes,
                                  const std::vector<MailboxSource>& sources) {
  const auto candidates = find_candidates(request, sources);
  for (const Candidate& candidate : candidates) {
    if (const Mailbox* mailbox = find(mailboxes, candidate)) {
      return Resolution{mailbox->id, mailbox->email, reason_of(candidate, request), say(candidate, *mailbox), mailbox};
    }
  }
  const Mailbox* catch_all = find_catch_all(mailboxes);
  if (catch_all == nullptr) return std::nullopt;
  // Whoever was called first, in the configured direction, before the pilot number that the PBX dialled, and that
  // before To: whatever the order of sip.mailbox-source.
  const auto rank = [](const Candidate& candidate) {
    switch (candidate.source) {
      case MailboxSource::diversion_original:
      case MailboxSource::diversion_last:
        return 0;
      case MailboxSource::request_uri:
        return 1;
      default:
        return 2;
    }
  };
  const auto chosen = std::min_element(candidates.begin(), candidates.end(),
                                       [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
  if (chosen == candidates.end() || !is_mailbox_user(chosen->user)) return std::nullopt;
  Resolution resolution{chosen->user, {}, reason_of(*chosen, request), say(*chosen, *catch_all), catch_all};
  for (const std::string& address : catch_all->email) resolution.addresses.push_back(put_in(address, chosen->user));
  return resolution;
}

}  // namespace sip2mail
