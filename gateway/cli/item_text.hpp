// gateway/cli/item_text.hpp -- an item for people: a row of `queue list`, the page of `queue show`. Local time. Pure
// but for the zone of the process.
#pragma once

#include <string>
#include <vector>

#include "gateway/cli/output.hpp"
#include "gateway/queue/reader.hpp"
#include "src/item.hpp"

namespace sip2mail {

[[nodiscard]] Table item_table();
// On a terminal a long reply is cut, so that a row stays a line.
[[nodiscard]] std::vector<std::string> item_row(const Item& item, bool terminal);
[[nodiscard]] std::string item_text(const Item& item, const std::vector<PastTry>& history);

}  // namespace sip2mail
