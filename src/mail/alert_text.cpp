#include "src/mail/alert_text.hpp"

#include "src/base/text.hpp"
#include "src/mail/letter.hpp"

namespace sip2mail {
namespace {

std::string_view phrase_of(Notice::About about, const AlertPhrases& phrases) {
  switch (about) {
    case Notice::About::relay_down:
      return phrases.relay_down;
    case Notice::About::relay_refuses:
      return phrases.relay_refuses;
    case Notice::About::relay_back:
      return phrases.relay_back;
    case Notice::About::failed:
      return phrases.failed;
    case Notice::About::disk_low:
      return phrases.disk_low;
    case Notice::About::disk_back:
      break;
  }
  return phrases.disk_back;
}

}  // namespace

std::string alert_text(const Notice& notice, const std::string& directory, const Zone& zone, Timestamp now,
                       const Wording& words) {
  std::string list;
  for (const alert::ItemFailed& one : notice.failed)
    list += one.item.text() + "  " + printable(one.address, 254) + "\n  " + printable(one.words) + "\n";
  if (notice.count > notice.failed.size()) list += "…\n";
  return fill(phrase_of(notice.about, words.alerts), {{"relay", printable(notice.relay, 64)},
                                                      {"url", printable(notice.url, 300)},
                                                      {"words", printable(notice.words)},
                                                      {"when", moment(zone, now - notice.ago, words)},
                                                      {"count", std::to_string(notice.count)},
                                                      {"list", list},
                                                      {"directory", printable(directory, 300)}});
}

}  // namespace sip2mail
