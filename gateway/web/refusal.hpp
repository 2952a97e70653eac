// gateway/web/refusal.hpp -- an answer of the API other than 200: thrown by what finds it, turned into JSON in one
// place.
#pragma once

#include <string>
#include <vector>

#include "src/item.hpp"

namespace sip2mail {

struct Refusal {
  int status;
  std::string error;
  std::string detail;
};

// Names of states; "all" is every one. Throws Refusal 400.
[[nodiscard]] std::vector<State> states_of(const std::vector<std::string>& words);

}  // namespace sip2mail
