// gateway/serve.hpp -- `sip2mail serve`: who exists, in which order they come and go.
//
// Runs on the main thread until SIGTERM or SIGINT, and until every call has ended. Throws what keeps it from starting.
#pragma once

#include <memory>

#include "gateway/config/settings.hpp"

namespace sip2mail {

// The exit status.
[[nodiscard]] int serve(const std::shared_ptr<const Settings>& settings);

}  // namespace sip2mail
