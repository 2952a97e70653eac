// gateway/cli/control_client.hpp -- asks the running gateway over control.sock.
//
// Blocks, bounded (15 s). Throws CommandFailure{unavailable} when a gateway took the request and did not answer.
#pragma once

#include <filesystem>
#include <optional>

#include "gateway/web/api.hpp"

namespace sip2mail {

// nullopt: nobody listens.
[[nodiscard]] std::optional<ApiAnswer> ask_gateway(const std::filesystem::path& queue_directory,
                                                   const ApiRequest& request);

// "detail" of an answer that is no 200, else its body.
[[nodiscard]] std::string detail_of(const ApiAnswer& answer);

}  // namespace sip2mail
