// src/routing/mailbox.hpp -- one configured mailbox: its id, its addresses, and what it overrides.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

// Mailbox::where of the catch-all that stands in while none is configured.
constexpr std::string_view kBuiltIn = "built in";

struct Mailbox {
  std::string id;                      // "2001", "2001@example.com", "*" for the catch-all
  std::vector<std::string> email;      // in the catch-all each may contain {mailbox}
  std::string name;                    // shown in the mail; may be empty
  std::string where;                   // "FILE:LINE" or "built in": for `explain` and errors
  std::vector<std::string> aliases{};  // further users that mean this mailbox
  // Where one is empty, what is said for the whole gateway holds.
  std::string language{};
  std::string timezone{};
  std::string greeting{};  // WAV file
  std::string greeting_busy{};
  std::optional<bool> wav{};
  std::optional<Delay> max_length{};
  std::optional<bool> notify_missed{};
  bool takes_texts = true;
};

// Whose overrides hold today for an item of mailbox `id`: its own, else the catch-all's; nullptr for none.
[[nodiscard]] const Mailbox* find_mailbox(const std::vector<Mailbox>& mailboxes, std::string_view id);

}  // namespace sip2mail
