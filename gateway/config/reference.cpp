#include "gateway/config/reference.hpp"

#include <algorithm>

#include "gateway/config/options.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// As it must stand in a file, so that read_ini() gives it back.
std::string in_file(std::string_view value) {
  const bool comment = value.starts_with('#') || value.starts_with(';') || value.find(" #") != std::string_view::npos ||
                       value.find(" ;") != std::string_view::npos;
  const bool blank = !value.empty() && trim(value).size() != value.size();
  return comment || blank ? "\"" + std::string{value} + "\"" : std::string{value};
}

}  // namespace

std::string config_reference() {
  std::string out =
      "# sip2mail: every option with its default. Remove the # before a key to set it.\n"
      "# Lists are comma separated; durations 500ms 30s 10m 2h 5d; sizes 64K 20M 1G.\n";
  std::string_view section;
  for (const Option& option : options()) {
    if (option.section != section) {
      section = option.section;
      const bool optional = option.set_mailbox != nullptr;  // an empty mailbox section would be an error
      out.append(optional ? "\n#[" : "\n[").append(section).append("]\n");
    }
    out.append("# ").append(option.meaning).append("\n#   (").append(option.form).append(")\n#");
    out.append(option.key).append(" =");
    if (!option.standard.empty()) out.append(" ").append(in_file(option.standard));
    out += '\n';
  }
  return out;
}

std::string config_show(const Loaded& loaded) {
  std::size_t widest = 0;
  std::vector<std::string> lines;
  for (const EffectiveValue& value : loaded.values) {
    std::string line = value.name + " = " + printable(in_file(value.text));
    while (line.ends_with(' ')) line.pop_back();
    widest = std::max(widest, std::min<std::size_t>(line.size(), 60));
    lines.push_back(std::move(line));
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t gap = widest > lines[i].size() ? widest - lines[i].size() : 0;
    out += lines[i] + std::string(gap + 2, ' ') + "# " + loaded.values[i].where + "\n";
  }
  return out;
}

}  // namespace sip2mail
