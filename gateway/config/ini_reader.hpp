// gateway/config/ini_reader.hpp -- the configuration file as (section, key, value, line), with the rules of the
// contract for comments and quotes.
//
// Pure; bounded. Boost's own INI reader turns `p#ss` into `p`, knows no `;` and no line numbers, so the file is read
// here and handed to Boost.Program_options as parsed options (load.cpp). Every fault is reported, not just the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sip2mail {

struct IniEntry {
  std::string section;  // "sip", "mailbox.2001"
  std::string key;
  std::string value;
  int line = 0;
};

struct IniSection {
  std::string name;
  int line = 0;
};

struct IniFault {
  int line = 0;
  std::string what;
};

struct IniFile {
  std::vector<IniEntry> entries;
  std::vector<IniSection> sections;  // each header, those without a key too
  std::vector<IniFault> faults;
};

// `#` and `;` begin a comment at the start of a line or after white space. Quotes around a stretch protect it; they are
// taken off when they enclose the whole value. There are no escapes and no continued lines.
[[nodiscard]] IniFile read_ini(std::string_view text);

}  // namespace sip2mail
