// gateway/sip/test_caller.hpp -- leaves a real voicemail or text at any SIP address, and says what happened.
//
// What `sip2mail call` and `sip2mail message` do: G.711, UDP or TCP, in real time, on the only thread of the command.
// No password is sent: a gateway that wants one refuses with 401.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

// One line about how it goes, as it goes.
using Say = std::function<void(const std::string&)>;

struct TestCallPlan {
  std::string uri;
  std::string from;                     // a URI or a whole name-addr; empty: one of our own
  std::vector<std::string> diversions;  // of the Diversion header, in its order
  std::vector<std::int16_t> samples;    // 8 kHz
  Delay answer_bound{60'000};
};

// The final status of the INVITE or MESSAGE; 0 when nobody answered.
[[nodiscard]] int leave_voicemail(const TestCallPlan& plan, const Say& say);
[[nodiscard]] int leave_text(const std::string& uri, const std::string& from, const std::string& text, const Say& say);

}  // namespace sip2mail
