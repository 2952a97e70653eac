#include "gateway/cli/output.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <ctime>
#include <ostream>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

// East Asian Width W and F (Unicode TR 11), as blocks: enough for names.
bool is_wide(std::uint32_t code) {
  constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> blocks{{{0x1100, 0x115F},
                                                                           {0x2E80, 0x303E},
                                                                           {0x3041, 0xA4CF},
                                                                           {0xAC00, 0xD7A3},
                                                                           {0xF900, 0xFAFF},
                                                                           {0xFE30, 0xFE6F},
                                                                           {0xFF00, 0xFF60},
                                                                           {0xFFE0, 0xFFE6},
                                                                           {0x1F300, 0x3FFFD}}};
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const auto& block) { return code >= block.first && code <= block.second; });
}

bool is_combining(std::uint32_t code) {
  return (code >= 0x300 && code <= 0x36F) || (code >= 0x3099 && code <= 0x309A) || (code >= 0xFE00 && code <= 0xFE0F);
}

}  // namespace

std::size_t display_width(std::string_view utf8) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<std::uint8_t>(utf8[at]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    std::uint32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length && at + i < utf8.size(); ++i)
      code = code << 6 | (static_cast<std::uint8_t>(utf8[at + i]) & 0x3FU);
    at += length;
    if (!is_combining(code)) width += is_wide(code) ? 2 : 1;
  }
  return width;
}

void Table::add(std::vector<std::string> row) {
  for (std::string& cell : row) {
    cell = printable(cell, 2000);
    if (cell.empty()) cell.assign(1, '-');
  }
  rows_.push_back(std::move(row));
}

void Table::print(std::ostream& out, bool terminal) {
  if (rows_.empty()) return;
  if (!begun_) rows_.insert(rows_.begin(), header_);
  begun_ = true;
  widths_.resize(header_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths_[i] = std::max(widths_[i], display_width(row[i]));
  }
  for (const auto& row : rows_) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 == row.size()) break;
      line += terminal ? std::string(widths_[i] - display_width(row[i]) + 2, ' ') : "\t";
    }
    out << line << '\n';
  }
  rows_.clear();
}

std::string local_time(Timestamp time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return {text.data(), length};
}

std::string local_time(const std::optional<Timestamp>& time) {
  return time ? local_time(*time) : std::string{};
}

}  // namespace sip2mail
