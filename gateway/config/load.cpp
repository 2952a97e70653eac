#include "gateway/config/load.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <set>
#include <system_error>

#include "gateway/base/files.hpp"
#include "gateway/config/check.hpp"
#include "gateway/config/ini_reader.hpp"
#include "gateway/config/options.hpp"
#include "gateway/config/secret_files.hpp"
#include "gateway/config/values.hpp"
#include "src/base/suggest.hpp"
#include "src/base/text.hpp"

namespace po = boost::program_options;

namespace sip2mail {
namespace {

constexpr std::size_t kLargestFile = 4 * 1024 * 1024;

// Every section as it might have been meant: with the id that was typed.
std::vector<std::string> sections_like(const std::string& typed) {
  std::vector<std::string> names = section_names();
  if (const std::size_t dot = typed.find('.'); dot != std::string::npos) {
    for (const std::string_view with_id : {kMailboxSection, kRelaySection})
      names.push_back(std::string{with_id} + typed.substr(dot + 1));
  }
  return names;
}

// Why section and key are no option of ours, or "".
std::string unknown(const std::string& section, const std::string& key) {
  if (!is_section(section))
    return "[" + printable(section, 200) + "] is no section" + did_you_mean(section, sections_like(section));
  if (find_option(section, key) != nullptr || !secret_behind(section, key).empty()) return {};
  std::vector<std::string> names;
  for (const std::string& name : writable_names(section)) names.push_back(section + "." + name);
  const std::string name = section + "." + key;
  return printable(name, 200) + " is no option" + did_you_mean(name, names);
}

// What is wrong with the part behind the dot, or "".
std::string id_fault(const std::string& section) {
  if (section.starts_with(kRelaySection)) {
    const std::string name = lower(section.substr(kRelaySection.size()));
    const bool plain = name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
    if (!plain || name.size() > 40 || name == "default" || name == "builtin")
      return "[" + printable(section, 200) + "]: a relay's name is made of letters, digits, - and _, and not " +
             "\"default\" or \"builtin\"";
    return {};
  }
  if (!section.starts_with(kMailboxSection)) return {};
  const std::string id = section.substr(kMailboxSection.size());
  const bool odd = std::any_of(id.begin(), id.end(), [](char c) { return static_cast<unsigned char>(c) <= ' '; });
  return odd || id.size() > 200 ? "[" + printable(section, 200) + "]: the id of a mailbox is USER, USER@DOMAIN or *"
                                : "";
}

// Those that the environment made; elsewhere they are looked at where they stand.
void refuse_ids(Layer& layer) {
  std::erase_if(layer.given, [&](const Given& given) {
    const std::string fault = id_fault(given.section);
    if (!fault.empty()) layer.errors.push_back(given.where + ": " + fault);
    return !fault.empty();
  });
}

Layer read_text(const std::string& text, const std::string& file_name) {
  Layer layer;
  const auto at = [&](int line) { return file_name + ":" + std::to_string(line); };
  const IniFile file = read_ini(text);
  for (const IniFault& fault : file.faults) layer.errors.push_back(at(fault.line) + ": " + fault.what);
  for (const auto& [name, line] : file.sections) {
    const std::string& section = name;  // C++20 lets a lambda capture a binding, clang 14 does not
    const std::string fault = is_section(section) ? id_fault(section) : unknown(section, "");
    if (!fault.empty()) layer.errors.push_back(at(line) + ": " + fault);
    const bool mailbox = section.starts_with(kMailboxSection);
    const bool needy = (mailbox || section.starts_with(kRelaySection)) && fault.empty();
    const bool filled = std::any_of(file.entries.begin(), file.entries.end(),
                                    [&](const IniEntry& entry) { return entry.section == section; });
    if (needy && !filled)
      layer.errors.push_back(at(line) + ": [" + section + "] has no " + (mailbox ? "email" : "url"));
  }
  std::map<std::string, int> lines;
  for (const IniEntry& entry : file.entries) {
    if (!is_section(entry.section)) continue;  // said at its header
    const std::string fault = unknown(entry.section, entry.key);
    const std::string name = entry.section + "." + entry.key;
    const auto [first, fresh] = lines.emplace(name, entry.line);
    if (!fault.empty()) {
      layer.errors.push_back(at(entry.line) + ": " + fault);
    } else if (!fresh) {
      layer.errors.push_back(at(entry.line) + ": " + name + " was set in line " + std::to_string(first->second));
    } else {
      layer.given.push_back({entry.section, entry.key, entry.value, at(entry.line)});
    }
  }
  return layer;
}

Layer read_config_file(const ConfigSources& sources) {
  const auto exists = [](const std::filesystem::path& path) {
    std::error_code error;
    return std::filesystem::status(path, error).type() != std::filesystem::file_type::not_found;
  };
  const auto standard = std::find_if(sources.default_files.begin(), sources.default_files.end(), exists);
  if (!sources.file && standard == sources.default_files.end()) return {};
  const std::filesystem::path path = sources.file ? *sources.file : *standard;
  try {
    const std::string text = read_file(path, kLargestFile + 1);
    if (text.size() > kLargestFile) return {{}, {path.string() + ": the file is larger than 4M"}, {}};
    return read_text(text, path.string());
  } catch (const std::system_error& error) {
    return {{}, {path.string() + ": cannot be read: " + error.code().message()}, {}};
  }
}

Layer read_set(const std::vector<std::string>& arguments) {
  Layer layer;
  for (const std::string& argument : arguments) {
    const std::size_t equals = std::min(argument.find('='), argument.size());
    const std::string name = argument.substr(0, equals);
    const std::size_t dot = name.rfind('.');
    const std::string where = "--set " + printable(name, 200);
    if (equals == argument.size() || dot == std::string::npos) {
      layer.errors.push_back(where + ": section.key=value is expected");
      continue;
    }
    const std::string section = name.substr(0, dot);
    std::string fault = unknown(section, name.substr(dot + 1));
    if (fault.empty()) fault = id_fault(section);
    if (!fault.empty()) {
      layer.errors.push_back(where + ": " + fault);
      continue;
    }
    std::erase_if(layer.given, [&](const Given& given) { return given.name() == name; });  // the last one counts
    layer.given.push_back({section, name.substr(dot + 1), argument.substr(equals + 1), "--set"});
  }
  return layer;
}

po::options_description described() {
  po::options_description description;
  for (const Option& option : options()) {
    if (option.set_mailbox != nullptr) continue;
    description.add_options()(option.name().c_str(),
                              po::value<std::string>()->default_value(std::string{option.standard}));
  }
  description.add_options()("mailbox.*", po::value<std::string>());
  description.add_options()("relay.*", po::value<std::string>());
  return description;
}

// What is stored first stands: layers come in their order of precedence.
po::variables_map merge(const std::vector<Layer>& layers) {
  const po::options_description description = described();
  po::variables_map values;
  for (const Layer& layer : layers) {
    po::parsed_options parsed{&description};
    for (const Given& given : layer.given) parsed.options.emplace_back(given.name(), std::vector{given.value});
    po::store(parsed, values);
  }
  po::notify(values);
  return values;
}

std::string where_given(const std::vector<Layer>& layers, const std::string& name) {
  for (const Layer& layer : layers) {
    for (const Given& given : layer.given) {
      if (given.name() == name) return given.where;
    }
  }
  return "default";
}

// In the order in which they were given, the file's first.
std::vector<std::string> sections_with_id(const std::vector<Layer>& layers, std::string_view start) {
  std::vector<std::string> sections;
  std::set<std::string> known;
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    for (const Given& given : layer->given) {
      if (given.section.starts_with(start) && known.insert(given.section).second) sections.push_back(given.section);
    }
  }
  return sections;
}

template <class Set>
void apply(Loaded& loaded, EffectiveValue value, bool secret, Set set) {
  if (secret && !value.text.empty()) value.text = "********";
  loaded.values.push_back(value);
  try {
    set();
  } catch (const BadValue& bad) {
    loaded.errors.push_back(loaded.about(value.name, bad.what()));
  }
}

// A [relay.NAME]; of its values only those given are shown.
RelaySettings read_relay(Loaded& loaded, const std::string& section, const po::variables_map& values,
                         const std::vector<Layer>& layers) {
  RelaySettings relay;
  relay.name = section.substr(kRelaySection.size());
  std::string where;
  for (const std::string& key : key_names(section)) {
    const Option& option = *find_option(section, key);
    const std::string name = section + "." + key;
    if (values.count(name) == 0) {
      if (!option.standard.empty()) option.set_relay(relay, std::string{option.standard});
      continue;
    }
    const auto& text = values[name].as<std::string>();
    const EffectiveValue value{name, text, where_given(layers, name)};
    if (where.empty()) where = value.where;
    apply(loaded, value, option.secret(), [&] { option.set_relay(relay, text); });
  }
  if (values.count(section + ".url") == 0) loaded.errors.push_back(where + ": [" + section + "] has no url");
  return relay;
}

}  // namespace

std::vector<std::filesystem::path> default_config_files() {
  return {"/config/sip2mail.conf", "/etc/sip2mail.conf"};
}

const EffectiveValue* Loaded::find(const std::string& name) const {
  const auto found = std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.name == name; });
  return found == values.end() ? nullptr : &*found;
}

std::string Loaded::about(const std::string& name, const std::string& what) const {
  const EffectiveValue* value = find(name);
  const std::string where = value == nullptr || value->where == "default" ? "" : value->where + ": ";
  return where + name + ": " + what;
}

Loaded load(const ConfigSources& sources, const Machine& machine) {
  std::vector<Layer> layers{read_set(sources.set), read_environment(sources.environment)};
  refuse_ids(layers.back());
  if (const auto text = sources.environment.find("SIP2MAIL_CONFIG_TEXT"); text != sources.environment.end())
    layers.push_back(read_text(text->second, "SIP2MAIL_CONFIG_TEXT"));
  layers.push_back(read_config_file(sources));

  Loaded loaded;
  for (Layer& layer : layers) {
    read_secret_files(layer, secret_behind);
    loaded.errors.insert(loaded.errors.end(), layer.errors.begin(), layer.errors.end());
    loaded.warnings.insert(loaded.warnings.end(), layer.warnings.begin(), layer.warnings.end());
  }
  const po::variables_map values = merge(layers);
  loaded.settings.sip.realm = "sip2mail";
  RelaySettings first;
  first.name = "default";
  for (const Option& option : options()) {
    if (option.set_mailbox != nullptr) continue;
    const auto& text = values[option.name()].as<std::string>();
    const EffectiveValue value{option.name(), text, where_given(layers, option.name())};
    if (text.empty() && value.where == "default") {
      loaded.values.push_back(value);  // not set: complete() finds what stands in
    } else {
      apply(loaded, value, option.secret(), [&] {
        if (option.set_relay != nullptr) return option.set_relay(first, text);
        option.set(loaded.settings, text);
      });
    }
  }
  loaded.settings.relays.push_back(std::move(first));
  for (const std::string& section : sections_with_id(layers, kRelaySection))
    loaded.settings.relays.push_back(read_relay(loaded, section, values, layers));
  for (const std::string& section : sections_with_id(layers, kMailboxSection)) {
    Mailbox mailbox;
    mailbox.id = section.substr(kMailboxSection.size());
    for (const std::string& key : key_names(section)) {
      const std::string name = section + "." + key;
      if (values.count(name) == 0) continue;
      const auto& text = values[name].as<std::string>();
      const EffectiveValue value{name, text, where_given(layers, name)};
      if (mailbox.where.empty()) mailbox.where = value.where;
      apply(loaded, value, false, [&] { find_option(section, key)->set_mailbox(mailbox, text); });
    }
    if (values.count(section + ".email") == 0)
      loaded.errors.push_back(mailbox.where + ": [" + section + "] has no email");
    loaded.settings.mailboxes.push_back(std::move(mailbox));
  }
  complete(loaded, sources.environment, machine);
  return loaded;
}

}  // namespace sip2mail
