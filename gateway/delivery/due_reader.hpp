// gateway/delivery/due_reader.hpp -- finds the recipients that are due in the queue, page by page, and when to look.
//
// Owned by the dispatcher's thread. The feed of changes tells most of it; this finds the rest: what waited at the
// start, retries whose time has come, and what did not fit into memory. A queue that cannot be read is asked again a
// second later.
#pragma once

#include <functional>
#include <optional>

#include "gateway/base/log.hpp"
#include "gateway/queue/reader.hpp"
#include "src/delivery/dispatch_events.hpp"

namespace sip2mail {

class DueReader {
 public:
  DueReader(const std::filesystem::path& queue_directory, Log& log) : reader_{queue_directory}, log_{log} {}

  // Reads while there is room and something to read; `take` gets each, `room` says how many more.
  void read(Instant now, Timestamp utc, const std::function<std::size_t()>& room,
            const std::function<void(Waiting)>& take);
  [[nodiscard]] std::optional<Instant> deadline(Instant now, Timestamp utc) const;

  void from_the_beginning();                 // nothing of what was read is known any more
  void overflowed() { overflowed_ = true; }  // something that is due was not taken
  void due_at(Timestamp time);               // something will be

  [[nodiscard]] std::optional<Item> show(const ItemId& id, Instant now);
  [[nodiscard]] std::optional<StoredContent> content(const ItemId& id, Instant now);
  [[nodiscard]] bool readable() const { return !sick_until_; }

  // What Dispatch wants to know of a recipient.
  [[nodiscard]] static Waiting waiting(const Item& item, const Recipient& recipient, Instant now, Timestamp utc);
  [[nodiscard]] static Waiting waiting(const Due& due, Instant now, Timestamp utc);

 private:
  void sick(const std::exception& error, Instant now);

  Reader reader_;
  Log& log_;
  Cursor cursor_;
  bool scanning_ = true;
  bool at_once_ = false;  // the step ended before the scan did
  bool overflowed_ = false;
  std::optional<Timestamp> next_due_;
  std::optional<Instant> sick_until_;
};

}  // namespace sip2mail
