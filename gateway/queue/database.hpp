// gateway/queue/database.hpp -- one connection to the queue's SQLite file, and statements on it that are prepared once.
//
// Owned by one thread at a time: the writer's, or a Reader's. Durability is set here: WAL, synchronous=FULL, files of
// mode 0600. Throws SQLite::Exception when the disk or the file fails, QueueTooNew for a newer schema.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "src/base/ids.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

class Database {
 public:
  // For writing: made if there is none, brought to the newest schema. Only under the lock of its directory.
  [[nodiscard]] static Database for_writing(const std::filesystem::path& queue_directory);
  [[nodiscard]] static Database for_reading(const std::filesystem::path& queue_directory);

  // Literals only: the text is the key of the prepared statement.
  [[nodiscard]] SQLite::Statement& prepared(const char* sql);
  [[nodiscard]] sqlite3* handle() const { return connection_.getHandle(); }
  [[nodiscard]] int changes() const { return connection_.getChanges(); }
  [[nodiscard]] std::int64_t last_row() const { return connection_.getLastInsertRowid(); }

 private:
  explicit Database(SQLite::Database connection) : connection_{std::move(connection)} {}

  SQLite::Database connection_;
  std::unordered_map<std::string_view, SQLite::Statement> statements_;
};

// One run of a prepared statement: its arguments in order of the question marks, then its rows. The end of its scope
// resets the statement, also on the way of an exception, so that nothing keeps a transaction open.
class Query {
 public:
  template <class... Values>
  Query(Database& database, const char* sql, const Values&... values) : statement_{database.prepared(sql)} {
    [[maybe_unused]] int index = 0;
    (bind(++index, values), ...);
  }
  ~Query() { statement_.tryReset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  [[nodiscard]] bool next() { return statement_.executeStep(); }
  void run() {
    while (next()) {
    }
  }

  [[nodiscard]] bool null(int column) { return statement_.getColumn(column).isNull(); }
  [[nodiscard]] std::int64_t number(int column) { return statement_.getColumn(column).getInt64(); }
  [[nodiscard]] std::string text(int column) { return statement_.getColumn(column).getString(); }
  [[nodiscard]] Timestamp time(int column) { return from_milliseconds(number(column)); }
  [[nodiscard]] std::optional<Timestamp> time_if_any(int column) {
    return null(column) ? std::nullopt : std::optional{time(column)};
  }
  [[nodiscard]] ItemId id(int column);  // throws when the text is no id: the file is damaged

 private:
  template <std::integral Number>
  void bind(int index, Number value) {
    statement_.bind(index, static_cast<std::int64_t>(value));
  }
  void bind(int index, double value) { statement_.bind(index, value); }
  void bind(int index, const char* value) { statement_.bind(index, value); }
  void bind(int index, const std::string& value) { statement_.bind(index, value); }
  void bind(int index, std::string_view value) { statement_.bind(index, std::string{value}); }
  void bind(int index, Timestamp value) { statement_.bind(index, std::int64_t{to_milliseconds(value)}); }
  void bind(int index, const ItemId& value) { statement_.bind(index, value.text()); }
  struct Blob {
    const void* bytes;
    std::size_t size;
  };
  void bind(int index, const Blob& value) { statement_.bind(index, value.bytes, static_cast<int>(value.size)); }
  template <class T>
  void bind(int index, const std::optional<T>& value) {
    if (value) {
      bind(index, *value);
    } else {
      statement_.bind(index);
    }
  }

  SQLite::Statement& statement_;

 public:
  template <class Bytes>
  [[nodiscard]] static Blob blob(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
  }
};

// Runs a statement that has no rows; the number of rows that it changed.
template <class... Values>
int execute(Database& database, const char* sql, const Values&... values) {
  Query{database, sql, values...}.run();
  return database.changes();
}

}  // namespace sip2mail
