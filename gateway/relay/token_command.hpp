// gateway/relay/token_command.hpp -- a program of the operator's that prints an OAuth2 access token.
//
// Owned by one sender's thread, on which it runs, bounded in time and output; its process group is killed when it takes
// too long. No shell; the program gets our environment without SIP2MAIL_ variables. The token is in no error; the first
// line that a failing program wrote to standard error is.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

struct NoToken {
  std::string why;
  bool later = false;  // it may go better by itself: too slow, or exit status 75 (EX_TEMPFAIL)
};

[[nodiscard]] tl::expected<std::string, NoToken> run_token_command(const std::vector<std::string>& words, Delay most,
                                                                   const std::atomic<bool>* hurry = nullptr);

}  // namespace sip2mail
