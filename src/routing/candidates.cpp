#include "src/routing/candidates.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::array<std::string_view, 4> kSources{"request-uri", "diversion-original", "diversion-last", "to"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kReasons{{
    {"user-busy", "busy"},
    {"busy", "busy"},
    {"cfb", "busy"},
    {"no-answer", "no-answer"},
    {"cfnr", "no-answer"},
    {"follow-me", "unconditional"},
    {"unconditional", "unconditional"},
    {"cfu", "unconditional"},
    {"deflection", "unconditional"},
    {"unavailable", "unavailable"},
    {"out-of-service", "unavailable"},
    {"not-reachable", "unavailable"},
}};

void add(std::vector<Candidate>& out, MailboxSource source, const Uri& uri, std::string reason) {
  std::string user = plain_user(uri.user);
  if (!user.empty()) out.push_back({source, std::move(user), lower(uri.host), std::move(reason)});
}

}  // namespace

std::string_view to_text(MailboxSource source) {
  return kSources[static_cast<std::size_t>(source)];
}

std::optional<MailboxSource> parse_mailbox_source(std::string_view text) {
  const auto found = std::find(kSources.begin(), kSources.end(), text);
  if (found == kSources.end()) return std::nullopt;
  return static_cast<MailboxSource>(found - kSources.begin());
}

std::vector<Candidate> find_candidates(const Request& request, const std::vector<MailboxSource>& sources) {
  std::vector<Candidate> out;
  const auto& diverters = request.diversions;
  for (const MailboxSource source : sources) {
    switch (source) {
      case MailboxSource::request_uri:
        add(out, source, request.request_uri, "");
        break;
      case MailboxSource::diversion_original:
        for (auto diverter = diverters.rbegin(); diverter != diverters.rend(); ++diverter)
          add(out, source, diverter->uri, diversion_reason(diverter->reason));
        break;
      case MailboxSource::diversion_last:
        for (const Diverter& diverter : diverters) add(out, source, diverter.uri, diversion_reason(diverter.reason));
        break;
      case MailboxSource::to:
        add(out, source, request.to.uri, "");
        break;
    }
  }
  return out;
}

std::string first_called(const Request& request) {
  if (!request.diversions.empty()) {
    if (std::string user = plain_user(request.diversions.back().uri.user); !user.empty()) return user;
  }
  return plain_user(request.request_uri.user);
}

std::string diversion_reason(std::string_view reason) {
  std::string word = lower(trim(reason));
  std::erase(word, '"');
  const auto found =
      std::find_if(kReasons.begin(), kReasons.end(), [&](const auto& known) { return known.first == word; });
  return found == kReasons.end() ? std::string{} : std::string{found->second};
}

}  // namespace sip2mail
