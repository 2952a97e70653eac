// gateway/sip/raw_request.hpp -- a SIP request as bytes, from a file or a trace, read by the parser that reads the
// wire.
//
// For commands: no agent, no socket. Not on a thread beside the SIP thread: the library's parser is shared.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "src/routing/request.hpp"

namespace sip2mail {

// Else what is wrong with it, in words. Lines may end with LF alone, and Content-Length may be wrong or missing.
[[nodiscard]] tl::expected<Request, std::string> read_raw_request(std::string_view bytes);

}  // namespace sip2mail
