// gateway/web/item_json.hpp -- an item as the JSON object of `queue list --json` and of the API (contract, section 1).
//
// Pure. Names and order of the fields are fixed; new ones come behind.
#pragma once

#include <string>
#include <vector>

#include "gateway/queue/reader.hpp"
#include "src/item.hpp"

namespace sip2mail {

[[nodiscard]] std::string item_json(const Item& item);  // one line, no line end
// With the field "history", the tries that did not deliver: of one item alone.
[[nodiscard]] std::string item_json(const Item& item, const std::vector<PastTry>& history);

}  // namespace sip2mail
