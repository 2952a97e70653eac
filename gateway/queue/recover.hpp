// gateway/queue/recover.hpp -- what the last run left behind becomes work again; nothing that was received is deleted.
//
//   row `recording`, file of min_length or more -> header mended, ready, flag interrupted
//   row `recording`, shorter, empty or missing   -> missed
//   file in `unlinks`                            -> unlinked, the intent forgotten
//   file in recordings/ without a row            -> lost/
//   due later than any retry could be            -> due (the clock was ahead when that was written)
//
// Runs once, under the lock, before the first verb, on the thread that opens the queue. Throws when the database
// cannot be written; a recording that cannot be read is logged and delivered as it is. May be killed at any point and
// run again.
#pragma once

#include "gateway/base/log.hpp"
#include "gateway/queue/database.hpp"
#include "gateway/queue/recordings.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

struct RecoverLimits {
  Delay min_length{0};                         // of a voicemail
  Delay longest_wait = std::chrono::days{30};  // until a next try
};
void recover(Database& database, Recordings& recordings, const RecoverLimits& limits, Timestamp now, Log& log);

// The last thing that a run writes when it ends by itself.
void record_clean_stop(Database& database, Timestamp now);

}  // namespace sip2mail
