// src/routing/caller.hpp -- who called: P-Asserted-Identity, then Remote-Party-ID, then From; privacy honoured.
//
// Pure. The headers are believed only because their sender is trusted: strangers never come so far.
#pragma once

#include <string>

#include "src/routing/request.hpp"

namespace sip2mail {

struct Caller {
  std::string number;     // printable user part, at most 128 bytes; "anonymous" when withheld; may be empty
  std::string name;       // printable display name, at most 256 bytes; none when withheld, but kPayphone, kUnavailable
  bool asserted = false;  // by P-Asserted-Identity
};

[[nodiscard]] Caller find_caller(const Request& request);

}  // namespace sip2mail
