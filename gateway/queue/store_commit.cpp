#include "gateway/queue/sqlite_store.hpp"

namespace sip2mail {

void SqliteStore::unlink_later(const ItemId& id) {
  erased_.push_back(recording_name(id));
  execute(database_, "INSERT OR IGNORE INTO unlinks (file) VALUES (?)", erased_.back());
}

void SqliteStore::remove_rows(const Row& item) {
  execute(database_, "DELETE FROM recipients WHERE item = ?", item.seq);
  execute(database_, "DELETE FROM parts WHERE item = ?", item.seq);
  execute(database_, "DELETE FROM occurrences WHERE item = ?", item.seq);
  execute(database_, "DELETE FROM tries WHERE item = ?", item.seq);
  execute(database_, "DELETE FROM items WHERE seq = ?", item.seq);
  changes_.push_back({item.id, item.state, true});
}

// One fsync serves the whole batch: a new file must not be missing behind its row, and an unlinked one must not come
// back after a power cut when nothing remembers it any more.
void SqliteStore::before_commit() {
  for (const std::string& file : gone_) execute(database_, "DELETE FROM unlinks WHERE file = ?", file);
  if (!created_.empty() || !gone_.empty()) recordings_.sync();
}

std::vector<Change> SqliteStore::committed() {
  created_.clear();
  gone_.clear();
  for (std::string& file : erased_) {
    if (recordings_.remove(file)) gone_.push_back(std::move(file));  // else recover() finishes it
  }
  erased_.clear();
  return std::exchange(changes_, {});
}

void SqliteStore::rolled_back() noexcept {
  // One that stays is empty and without a row: recover() sets it aside.
  for (const std::string& file : created_) static_cast<void>(recordings_.remove(file));
  created_.clear();
  erased_.clear();
  changes_.clear();
}

}  // namespace sip2mail
