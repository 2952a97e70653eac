#include "gateway/config/ini_reader.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kLongestLine = 16 * 1024;

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}
bool opens_comment(char c) {
  return c == '#' || c == ';';
}

// Where the comment begins, or the end.
std::size_t comment_start(std::string_view text) {
  bool after_blank = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (after_blank && opens_comment(text[i])) return i;
    if (text[i] == '"') {  // a quote that is never closed is a character like any other
      if (const std::size_t end = text.find('"', i + 1); end != std::string_view::npos) i = end;
    }
    after_blank = is_blank(text[i]);
  }
  return text.size();
}

// Items of a list may stand in quotes of their own where the first one does, "a", b: the list without them. Anything
// else stays as it is: quotes may well belong to it.
std::string unquoted(std::string_view value) {
  if (!value.starts_with('"')) return std::string{value};
  std::string list;
  for (std::string_view left = value;;) {
    if (left.starts_with('"')) {
      const std::size_t close = left.find('"', 1);
      if (close == std::string_view::npos) return std::string{value};
      list += left.substr(1, close - 1);
      left = trim(left.substr(close + 1));
    } else {
      const std::size_t end = std::min(left.find(','), left.size());
      list += trim(left.substr(0, end));
      left = left.substr(end);
    }
    if (left.empty()) return list;
    if (left.front() != ',') return std::string{value};
    list += ", ";
    left = trim(left.substr(1));
  }
}

class Parser {
 public:
  IniFile read(std::string_view text) {
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
    while (!text.empty()) {
      ++line_;
      const std::size_t end = std::min(text.find('\n'), text.size());
      take_line(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(file_);
  }

 private:
  void fault(std::string what) { file_.faults.push_back({line_, std::move(what)}); }

  void take_line(std::string_view line) {
    if (line.size() > kLongestLine) return fault("the line is longer than 16384 characters");
    if (line.find('\0') != std::string_view::npos) return fault("the line holds a NUL character");
    if (!is_utf8(line)) return fault("the line is not UTF-8");
    line = trim(line);
    if (line.empty() || opens_comment(line.front())) return;
    if (line.front() == '[') return take_section(line);
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos) return fault("neither [section] nor key = value");
    const std::string_view key = trim(line.substr(0, equals));
    if (key.empty()) return fault("a key is missing before the =");
    if (!in_section_) return fault(std::string{key} + " stands before the first [section]");
    take_value(std::string{key}, trim(line.substr(equals + 1)));
  }

  void take_section(std::string_view line) {
    in_section_ = true;
    const std::size_t close = line.find(']');
    const std::string_view name =
        close == std::string_view::npos ? std::string_view{} : trim(line.substr(1, close - 1));
    section_ = name;
    if (!name.empty()) file_.sections.push_back({section_, line_});
    if (name.empty() || !trim(line.substr(close + 1, comment_start(line.substr(close + 1)))).empty())
      fault("a section is written [name], alone on its line");
  }

  void take_value(std::string key, std::string_view text) {
    if (!text.empty() && opens_comment(text.front()))
      return fault("the value of " + key + " begins with " + text.front() + ": put it in quotes, \"" + text.front() +
                   "…\", or leave the value empty and the comment to its own line");
    const std::string_view value = trim(text.substr(0, comment_start(text)));
    if (value.starts_with('"') && value.find('"', 1) == std::string_view::npos)
      return fault("the quote of " + key + " is not closed");
    file_.entries.push_back({section_, std::move(key), unquoted(value), line_});
  }

  IniFile file_;
  std::string section_;
  bool in_section_ = false;
  int line_ = 0;
};

}  // namespace

IniFile read_ini(std::string_view text) {
  return Parser{}.read(text);
}

}  // namespace sip2mail
