// gateway/config/check.hpp -- the rules that look at more than one option, and what stands in for those not set.
//
// The second half of load(): each value by itself has been read; errors and warnings are added to it.
#pragma once

#include "gateway/config/load.hpp"

namespace sip2mail {

void complete(Loaded& loaded, const Environment& environment, const Machine& machine);

}  // namespace sip2mail
