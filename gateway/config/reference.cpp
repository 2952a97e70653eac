#include "gateway/config/reference.hpp"

#include <algorithm>

#include "gateway/config/options.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kMailboxes = "mailbox.*";
constexpr const char* kHead =
    "# sip2mail: every option with its default. Remove the # before a key to set it; sip2mail config check tells "
    "whether\n"
    "# all is right. The environment comes before this file: [relay] url is SIP2MAIL_RELAY_URL.\n"
    "# Lists are comma separated; durations 500ms 30s 10m 2h 5d; sizes 64K 20M 1G. # and ; begin a comment; quotes\n"
    "# protect them.\n";
constexpr std::string_view kMailboxHead =
    "\n# A section for each mailbox: [mailbox.NUMBER], or [mailbox.USER@DOMAIN], which comes before it; [mailbox.*] "
    "takes\n"
    "# who has none. Its keys:\n";
constexpr std::string_view kMailboxExamples =
    "#\n"
    "#[mailbox.2001]\n"
    "#email = taro@example.com, office@example.com\n"
    "#name = Taro Yamada\n"
    "#aliases = 2101, taro\n"
    "#\n"
    "#[mailbox.*]\n"
    "#email = {mailbox}@example.com\n";

// Wrapped, each line behind a #.
std::string comment(std::string_view text) {
  constexpr std::size_t widest = 110;
  std::string out = "#";
  std::size_t width = 1;
  for (const std::string& word : split_list(text, ' ')) {
    if (width + word.size() > widest) {
      out += "\n#  ";
      width = 3;
    }
    out += " " + word;
    width += word.size() + 1;
  }
  return out + "\n";
}

// As it must stand in a file, so that read_ini() gives it back.
std::string in_file(std::string_view value) {
  const bool comment = value.starts_with('#') || value.starts_with(';') || value.find(" #") != std::string_view::npos ||
                       value.find(" ;") != std::string_view::npos;
  const bool blank = !value.empty() && trim(value).size() != value.size();
  return comment || blank ? "\"" + std::string{value} + "\"" : std::string{value};
}

bool is_secret(const EffectiveValue& value) {
  const std::size_t dot = value.name.rfind('.');
  const Option* option = find_option(value.name.substr(0, dot), value.name.substr(dot + 1));
  return option != nullptr && option->secret() && !value.text.empty();
}

}  // namespace

std::string config_reference() {
  std::string out = kHead;
  std::string_view section;
  for (const Option& option : options()) {
    const bool mailbox = option.set_mailbox != nullptr;  // an empty mailbox section would be an error
    if (option.section != section) {
      if (section == kMailboxes) out += kMailboxExamples;
      section = option.section;
      out += mailbox ? std::string{kMailboxHead} : "\n[" + std::string{section} + "]\n";
    }
    if (mailbox) {
      out += comment(std::string{option.key} + " (" + std::string{option.form} + "): " + std::string{option.meaning});
      continue;
    }
    out += comment(option.meaning_in_full()) + "#   (" + std::string{option.form} + ")\n";
    const std::string file = std::string{option.key} + std::string{kSecretFile};
    if (!secret_behind(option.section, file).empty()) out += "#   or " + file + ", the file that holds it\n";
    out.append("#").append(option.key).append(" =");
    if (!option.standard.empty()) out.append(" ").append(in_file(option.standard));
    out += '\n';
  }
  return section == kMailboxes ? out + std::string{kMailboxExamples} : out;
}

std::string config_show(const Loaded& loaded) {
  std::size_t widest = 0;
  std::vector<std::string> lines;
  for (const EffectiveValue& value : loaded.values) {
    std::string line = value.name + " = " + (is_secret(value) ? "********" : printable(in_file(value.text)));
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
