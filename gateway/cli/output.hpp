// gateway/cli/output.hpp -- rows for people and for programs: aligned on a terminal, else separated by TABs.
//
// Both begin with the header; nothing at all is written when there are no rows.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/time.hpp"

namespace sip2mail {

class Table {
 public:
  explicit Table(std::vector<std::string> header) : header_{std::move(header)} {}

  void add(std::vector<std::string> row);  // cells are made printable here; an empty one shows as "-"
  // Prints the rows since the last time, and before the first ones the header: a long list comes in pages.
  void print(std::ostream& out, bool terminal);

 private:
  std::vector<std::string> header_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::size_t> widths_;
  bool begun_ = false;
};

// Columns that a terminal needs for it: two for most of what East Asia writes.
[[nodiscard]] std::size_t display_width(std::string_view utf8);

[[nodiscard]] std::string local_time(Timestamp time);  // "2026-03-01 09:30:00"
[[nodiscard]] std::string local_time(const std::optional<Timestamp>& time);

}  // namespace sip2mail
