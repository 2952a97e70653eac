// gateway/relay/make_relay.hpp -- the Relay that a [relay] section means.
//
// Called on the sender's thread, which owns the result. Throws std::invalid_argument for a URL that check_relay_url
// refuses.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <string_view>

#include "gateway/config/settings.hpp"
#include "gateway/relay/relay.hpp"

namespace sip2mail {

// Set from any thread when the program cannot wait for a slow transaction: it ends, its outcome unknown or none.
using Hurry = std::shared_ptr<const std::atomic<bool>>;

// A relative Maildir lies in the queue's directory.
[[nodiscard]] std::unique_ptr<Relay> make_relay(const RelaySettings& settings,
                                                const std::filesystem::path& queue_directory, Hurry hurry = nullptr);

// Fit for an SMTP envelope: one @, no control, space, < or >, bounded (RFC 5321 4.5.3.1.3).
[[nodiscard]] bool is_envelope_address(std::string_view address);

}  // namespace sip2mail
