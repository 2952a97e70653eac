// gateway/sip/queue_reports.hpp -- what the writer thread tells main of the jobs that main submitted.
//
// Values that cross in a Channel; a ticket or call that main does not know any more is ignored.
#pragma once

#include <cstdint>
#include <variant>

#include "gateway/queue/writer.hpp"

namespace sip2mail {

struct ItemOpened {
  CallId call{};
  std::variant<Opened, Refused> result;
};
struct ItemSettled {  // kept, missed or forgotten: committed, or refused and to be submitted again
  CallId call{};
  std::variant<Nothing, Refused> result;
};
struct TextStored {
  std::uint64_t ticket = 0;
  std::variant<Stored, Refused> result;
};
using QueueReport = std::variant<ItemOpened, ItemSettled, TextStored>;

}  // namespace sip2mail
