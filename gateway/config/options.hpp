// gateway/config/options.hpp -- THE table: every option with its default, form and meaning, and how it gets into the
// Settings. Files, environment, --set, `config show` and `config reference` all work from it.
//
// Constant, any thread. A new option is one row here and one member in settings.hpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/settings.hpp"

namespace sip2mail {

struct Option {
  std::string_view section;  // "mailbox.*" stands for each [mailbox.ID], "relay" for each [relay.NAME] too
  std::string_view key;
  std::string_view form;      // what a value looks like
  std::string_view standard;  // the default; "" is "not set" and `meaning` says what then happens
  std::string_view meaning;
  // Exactly one of the three; throws BadValue.
  void (*set)(Settings& settings, const std::string& value) = nullptr;
  void (*set_mailbox)(Mailbox& mailbox, const std::string& value) = nullptr;
  void (*set_relay)(RelaySettings& relay, const std::string& value) = nullptr;

  [[nodiscard]] std::string name() const { return std::string{section} + "." + std::string{key}; }
  // Never shown; KEY-file may name the file that holds it.
  [[nodiscard]] bool secret() const { return key == "password"; }
  // Sockets, directories and what they are measured by: a reload leaves these as they were at the start.
  [[nodiscard]] bool at_start() const;
  [[nodiscard]] std::string meaning_in_full() const;
};

constexpr std::string_view kMailboxSection = "mailbox.";
constexpr std::string_view kRelaySection = "relay.";
constexpr std::string_view kSecretFile = "-file";  // the end of a key whose value is read from a file

[[nodiscard]] std::span<const Option> options();
// "sip" -> the rows of [sip]; "mailbox.2001" -> those of [mailbox.*]; "relay.NAME" -> those of [relay].
[[nodiscard]] const Option* find_option(std::string_view section, std::string_view key);
[[nodiscard]] bool is_section(std::string_view section);
[[nodiscard]] std::vector<std::string> section_names();
[[nodiscard]] std::vector<std::string> key_names(std::string_view section);
// What may stand in the section: its keys, and KEY-file of each secret.
[[nodiscard]] std::vector<std::string> writable_names(std::string_view section);
// "password-file" -> "password" where that is a secret of the section and has no row of its own; else "".
[[nodiscard]] std::string_view secret_behind(std::string_view section, std::string_view key);

}  // namespace sip2mail
