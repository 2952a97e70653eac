// gateway/config/values.hpp -- the text of an option as a typed value, one function a type.
//
// Pure. Each throws BadValue with words that finish the sentence "sip.max-calls: …"; load() catches it and puts
// FILE:LINE before them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/settings.hpp"

namespace sip2mail {

struct BadValue : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[nodiscard]] bool parse_yes_no(const std::string& text);
[[nodiscard]] int parse_number(const std::string& text, int least, int most);
[[nodiscard]] Delay parse_delay(const std::string& text, Delay least, Delay most);
[[nodiscard]] std::vector<Delay> parse_delays(const std::string& text);  // at least one, none zero
[[nodiscard]] std::uint64_t parse_size(const std::string& text, std::uint64_t least,
                                       std::uint64_t most);  // "64K" "20M"
// The one of `words` that it is, as an index.
[[nodiscard]] std::size_t parse_choice(const std::string& text, const std::vector<std::string>& words);
[[nodiscard]] std::string parse_language(const std::string& text);  // one that mails are worded in

[[nodiscard]] std::vector<Listen> parse_listen(const std::string& text);
[[nodiscard]] std::vector<Network> parse_networks(const std::string& text);
[[nodiscard]] std::vector<Endpoint> parse_public_addresses(const std::string& text);  // port 0 where none is given
[[nodiscard]] std::vector<MailboxSource> parse_mailbox_sources(const std::string& text);
[[nodiscard]] std::vector<std::string> parse_users(const std::string& text);  // user parts of SIP URIs
[[nodiscard]] PortRange parse_ports(const std::string& text);
[[nodiscard]] std::vector<Codec> parse_codecs(const std::string& text);
[[nodiscard]] std::string parse_finish_keys(const std::string& text);
[[nodiscard]] std::filesystem::path parse_directory(const std::string& text);
[[nodiscard]] std::string parse_address(const std::string& text);
// In a catch-all each may hold {mailbox}; elsewhere that is an error.
[[nodiscard]] std::vector<std::string> parse_addresses(const std::string& text, bool catch_all);
[[nodiscard]] std::string parse_host_name(const std::string& text);  // may be empty
[[nodiscard]] RelayAuth parse_auth(const std::string& text);
[[nodiscard]] std::string parse_relay_url(const std::string& text);             // relay_url.hpp; may be empty
[[nodiscard]] std::vector<std::string> parse_command(const std::string& text);  // words at spaces, quotes protect

}  // namespace sip2mail
