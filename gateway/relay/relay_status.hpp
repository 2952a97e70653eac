// gateway/relay/relay_status.hpp -- how a relay stands, for the page and the API. A value, published on a Board.
#pragma once

#include <string>

#include "src/base/time.hpp"

namespace sip2mail {

struct RelayStatus {
  std::string name;
  std::string url;
  bool up = true;
  bool configuration = false;  // down because it would refuse everybody's mail
  std::string reply;           // its words, when it is down or takes mail slowly
  Timestamp since{};
};

}  // namespace sip2mail
