// gateway/queue/rows.hpp -- items and recipients as they stand in the tables, made into values.
//
// Pure but for the connection; used by the Reader only. Throws when a row holds what no version of ours wrote.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/queue/database.hpp"
#include "src/item.hpp"

namespace sip2mail {

struct ItemRow {
  std::int64_t seq = 0;
  State state = State::recording;
  bool content = true;
  Kind kind = Kind::voicemail;
};
[[nodiscard]] std::optional<ItemRow> find_item(Database& database, const ItemId& id);

// With its recipients; nullopt when it is gone.
[[nodiscard]] std::optional<Item> load_item(Database& database, std::int64_t seq);

[[nodiscard]] Form parse_form(const std::string& text);

}  // namespace sip2mail
