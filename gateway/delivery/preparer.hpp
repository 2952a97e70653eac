// gateway/delivery/preparer.hpp -- a recording becomes the attachment: the work of the preparers' threads, at nice 19.
//
// Turns its failures into its answer: what cannot be encoded goes as it was recorded, what is missing goes without, and
// what the machine refuses (disk, memory) is said and tried again later.
#pragma once

#include "gateway/delivery/delivery_events.hpp"

namespace sip2mail {

[[nodiscard]] AudioReady prepare(const PrepareJob& job);
void become_nice();  // this thread only

}  // namespace sip2mail
