// gateway/web/item_json.hpp -- an item as the JSON object of `queue list --json` and of the API (contract, section 1).
//
// Pure. Names and order of the fields are fixed; new ones come behind.
#pragma once

#include <string>

#include "src/item.hpp"

namespace sip2mail {

[[nodiscard]] std::string item_json(const Item& item);  // one line, no line end

}  // namespace sip2mail
