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

  [[nodiscard]] bool secret() const { return key == "password"; }  // never shown
  [[nodiscard]] std::string name() const { return std::string{section} + "." + std::string{key}; }
};

constexpr std::string_view kMailboxSection = "mailbox.";
constexpr std::string_view kRelaySection = "relay.";

[[nodiscard]] std::span<const Option> options();
// "sip" -> the rows of [sip]; "mailbox.2001" -> those of [mailbox.*]; "relay.NAME" -> those of [relay].
[[nodiscard]] const Option* find_option(std::string_view section, std::string_view key);
[[nodiscard]] bool is_section(std::string_view section);
[[nodiscard]] std::vector<std::string> section_names();
[[nodiscard]] std::vector<std::string> key_names(std::string_view section);

}  // namespace sip2mail
