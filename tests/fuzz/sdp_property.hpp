// tests/fuzz/sdp_property.hpp -- what must hold for any text that is read as SDP; shared by the fuzzer and the test.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "src/media/sdp_answer.hpp"

namespace sip2mail {

// Empty when all is well, else what is broken.
inline std::string broken_sdp_property(std::string_view text) {
  const auto offer = read_sdp(text);
  if (!offer) return offer.error().empty() ? "an error without words" : "";
  if (offer->media.empty() || offer->media.size() > 32) return "m-lines out of bounds";
  const SdpTerms terms{{Codec::pcma, Codec::pcmu}, *Address::parse("192.0.2.1"), 20000, 1, 1};
  (void)accept_answer(*offer, terms);
  const auto answer = answer_offer(*offer, terms);
  if (!answer) return answer.error().empty() ? "a refusal without words" : "";
  const auto again = read_sdp(answer->text);
  if (!again) return "our answer cannot be read: " + again.error();
  if (again->media.size() != offer->media.size()) return "our answer does not mirror the m-lines";
  const auto on =
      std::count_if(again->media.begin(), again->media.end(), [](const SdpMedia& m) { return m.port != 0; });
  if (on != 1) return "our answer does not have exactly one m-line that is on";
  for (std::size_t i = 0; i < again->media.size(); ++i) {
    if (again->media[i].kind != offer->media[i].kind || again->media[i].proto != offer->media[i].proto)
      return "our answer changes an m-line";
  }
  return "";
}

}  // namespace sip2mail
