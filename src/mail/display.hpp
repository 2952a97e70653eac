// src/mail/display.hpp -- how a caller, a number, a length and a moment are shown to a person.
//
// Pure, any thread. What comes from the network is made harmless here once more: a mail is where it would hurt.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "src/item.hpp"
#include "src/mail/zone.hpp"

namespace sip2mail {

enum class Hidden { no, withheld, payphone, unavailable };

struct ShownCaller {
  std::string name;    // empty: none, or the same as the number
  std::string number;  // number or user part; empty: hidden or unknown
  Hidden hidden = Hidden::no;
};
[[nodiscard]] ShownCaller caller_of(const Envelope& envelope);

// One line of at most so many characters; a longer one ends in an ellipsis.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most_characters);

// For a display name in From (contract, mail.from-name): no "@", "<", ">", which some programs take for an address.
[[nodiscard]] std::string display_name(std::string_view text);

// "tel:+81312345678" (RFC 3966) when it is plainly a telephone number.
[[nodiscard]] std::optional<std::string> tel_uri(std::string_view number);

// "03-1234-5678" for "0312345678" or "+81312345678". Only what has one form all over Japan is cut into its groups: the
// area codes of most towns differ in length, and a wrong cut is worse than none.
[[nodiscard]] std::string japanese_number(const std::string& number);

[[nodiscard]] std::string minutes_seconds(Delay duration);  // "0:42", "1:02:03"; a begun second counts
[[nodiscard]] std::int64_t seconds_rounded_up(Delay duration);
[[nodiscard]] std::string zone_name(const Zone& zone, Timestamp time);  // "JST", "UTC-03:00"

// A part of a file name on any system: letters, digits and "+._-", at most 40 characters; else "_".
[[nodiscard]] std::string file_component(std::string_view text);

}  // namespace sip2mail
