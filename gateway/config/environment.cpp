#include "gateway/config/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "gateway/config/options.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kPrefix = "SIP2MAIL_";
constexpr std::string_view kMailbox = "MAILBOX_";
constexpr std::string_view kRelay = "RELAY_";

std::string variable_form(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') {
      out += static_cast<char>(c - 'a' + 'A');
    } else {
      out += c == '-' || c == '.' ? '_' : c;
    }
  }
  return out;
}

// MAILBOX_ID_KEY, RELAY_NAME_KEY: the longest known key at the end, the rest is the id, here at the end of `section`.
std::optional<Given> option_with_id(std::string_view rest, std::string_view section, std::string_view keys) {
  rest.remove_prefix(section.size());
  std::optional<Given> best;
  std::size_t longest = 0;
  for (const std::string& key : writable_names(keys)) {
    const std::string end = "_" + variable_form(key);
    if (!rest.ends_with(end) || rest.size() == end.size() || end.size() <= longest) continue;
    const std::string id = lower(rest.substr(0, rest.size() - end.size()));
    longest = end.size();
    best = Given{std::string{section} + id, key, {}, {}};
  }
  return best;
}

std::optional<Given> option_of(std::string_view rest) {
  if (rest.starts_with(kMailbox)) {
    auto given = option_with_id(rest, kMailboxSection, "mailbox.*");
    if (given && given->section == "mailbox.default") given->section = "mailbox.*";
    return given;
  }
  for (const std::string& section : section_names()) {
    if (section.starts_with(kMailboxSection)) continue;
    for (const std::string& key : writable_names(section)) {
      if (variable_form(section + "." + key) == rest) return Given{section, key, {}, {}};
    }
  }
  if (rest.starts_with(kRelay)) return option_with_id(rest, kRelaySection, "relay");
  return std::nullopt;
}

// Of a service NAME: NAME_SERVICE_HOST, NAME_SERVICE_PORT…, NAME_PORT, NAME_PORT_<n>_…
bool made_by_kubernetes(std::string_view rest) {
  if (rest.ends_with("_SERVICE_HOST") || rest.find("_SERVICE_PORT") != std::string_view::npos) return true;
  if (rest.ends_with("_PORT")) return true;
  constexpr std::string_view port = "_PORT_";
  for (std::size_t at = rest.find(port); at != std::string_view::npos; at = rest.find(port, at + 1)) {
    const std::string_view after = rest.substr(at + port.size());
    const std::size_t digits = std::min(after.find_first_not_of("0123456789"), after.size());
    if (digits > 0 && digits < after.size() && after[digits] == '_') return true;
  }
  return false;
}

bool is_of_our_section(std::string_view rest) {
  const std::string word{rest.substr(0, rest.find('_'))};
  const auto names = section_names();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
    return variable_form(std::string_view{name}.substr(0, name.find('.'))) == word;
  });
}

std::vector<std::string> variables() {
  std::vector<std::string> names;
  for (const std::string& section : section_names()) {
    if (section.starts_with(kMailboxSection)) continue;
    for (const std::string& key : writable_names(section))
      names.push_back(std::string{kPrefix} + variable_form(section + "." + key));
  }
  return names;
}

std::string suggestion(const std::string& variable, std::string_view rest) {
  std::vector<std::string> names = variables();
  const std::string start = variable.substr(0, variable.rfind('_') + 1);
  if (rest.starts_with(kMailbox)) {
    for (const std::string& key : writable_names("mailbox.*")) {
      const std::string form = variable_form(key);
      // Without an id it can only be the catch-all.
      if (rest.substr(kMailbox.size()) == form) return did_you_mean(variable, {start + "DEFAULT_" + form});
      names.push_back(start + form);
    }
  }
  if (rest.starts_with(kRelay)) {
    for (const std::string& key : writable_names("relay")) names.push_back(start + variable_form(key));
  }
  std::erase(names, variable);
  return did_you_mean(variable, names);
}

}  // namespace

Environment this_environment() {
  Environment environment;
  for (char** entry = ::environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

Layer read_environment(const Environment& environment) {
  Layer layer;
  std::string ignored;
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(kPrefix)) continue;
    const std::string_view rest = std::string_view{variable}.substr(kPrefix.size());
    if (rest == "CONFIG_TEXT" || rest == "IN_CONTAINER") continue;
    if (auto given = option_of(rest)) {
      given->value = value;
      given->where = variable;
      layer.given.push_back(std::move(*given));
    } else if (is_of_our_section(rest) && !made_by_kubernetes(rest)) {
      layer.errors.push_back(printable(variable, 200) + ": names no option" + suggestion(variable, rest));
    } else {
      ignored += (ignored.empty() ? "" : ", ") + printable(variable, 200);
    }
  }
  if (!ignored.empty()) layer.warnings.push_back("ignored, as they name no option: " + ignored);
  return layer;
}

}  // namespace sip2mail
