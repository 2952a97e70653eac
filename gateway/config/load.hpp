// gateway/config/load.hpp -- --set, environment, file and defaults become Settings, or a list of all that is wrong.
//
// Any thread; the result is a value. What the machine says (its name, its zones, a greeting's file) comes in through
// Machine, so tests hand in their own. Nothing is thrown for a wrong configuration: `errors` says it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/container.hpp"
#include "gateway/config/environment.hpp"
#include "gateway/config/settings.hpp"

namespace sip2mail {

struct ConfigSources {
  std::optional<std::filesystem::path> file;         // --config
  std::vector<std::filesystem::path> default_files;  // the first that exists; none is fine
  std::vector<std::string> set;                      // --set section.key=value
  Environment environment;
};

[[nodiscard]] std::vector<std::filesystem::path> default_config_files();

struct Machine {
  bool terminal = false;                   // standard output is one
  std::function<std::string()> full_name;  // of this host
  std::function<bool(const std::string& name)> knows_zone;
  std::function<std::string(const std::filesystem::path&)> greeting_fault;  // "": it can be played
  ContainerView container{};
};

[[nodiscard]] Machine this_machine();

// One option as it is in force.
struct EffectiveValue {
  std::string name;
  std::string text;
  std::string where;  // "default", "FILE:LINE", …
};

struct Loaded {
  Settings settings;  // only when there are no errors
  std::vector<EffectiveValue> values;
  std::vector<std::string> warnings;
  std::vector<std::string> errors;  // "FILE:LINE: what is wrong (did you mean …?)"

  [[nodiscard]] const EffectiveValue* find(const std::string& name) const;
  // An error or warning about one option begins with where it was given.
  [[nodiscard]] std::string about(const std::string& name, const std::string& what) const;
};

[[nodiscard]] Loaded load(const ConfigSources& sources, const Machine& machine);

}  // namespace sip2mail
