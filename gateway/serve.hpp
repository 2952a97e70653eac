// gateway/serve.hpp -- `sip2mail serve`: who exists, in which order they come and go.
//
// Runs on the main thread until SIGTERM or SIGINT, and until every call has ended. Throws what keeps it from starting.
#pragma once

#include <functional>

#include "gateway/config/load.hpp"

namespace sip2mail {

// `load_again` reads the configuration for SIGHUP, on a thread of its own. The exit status.
[[nodiscard]] int serve(const Loaded& loaded, std::function<Loaded()> load_again);

}  // namespace sip2mail
