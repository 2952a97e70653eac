// gateway/queue/derive.hpp -- the state of an item as it follows from those of its recipients (contract, section 5).
//
// Pure. Recording and held are left only by the verbs that say so (ready, missed, release).
#pragma once

#include "src/item.hpp"

namespace sip2mail {

struct Tally {
  int waiting = 0;
  int failed = 0;
  int fallbacks_delivered = 0;
};

[[nodiscard]] constexpr State derive_state(State before, const Tally& recipients) {
  if (before == State::recording || before == State::held) return before;
  if (recipients.waiting > 0) return State::ready;
  if (recipients.failed > 0 && recipients.fallbacks_delivered == 0) return State::failed;
  return State::delivered;
}

}  // namespace sip2mail
