#include "gateway/queue/database.hpp"

#include <fcntl.h>

#include <array>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "gateway/base/embedded.hpp"
#include "gateway/base/files.hpp"
#include "gateway/queue/writer.hpp"

SIP2MAIL_DECLARE_EMBEDDED(schema_001_queue_sql)

namespace sip2mail {
namespace {

// The n-th makes user_version n. Never edited once released: a change is a new file.
std::array<std::string_view, 1> migrations() {
  return {SIP2MAIL_EMBEDDED(schema_001_queue_sql)};
}

std::filesystem::path file_in(const std::filesystem::path& queue_directory) {
  return queue_directory / "queue.db";
}

int version_of(SQLite::Database& connection) {
  return connection.execAndGet("PRAGMA user_version").getInt();
}

void refuse_newer(int version, const std::filesystem::path& file) {
  const auto known = static_cast<int>(migrations().size());
  if (version > known)
    throw QueueTooNew{file.string() + " was written by a newer sip2mail (schema " + std::to_string(version) +
                      ", this one knows up to " + std::to_string(known) + "): run that version, or restore a backup"};
}

void migrate(SQLite::Database& connection, int version) {
  const auto all = migrations();
  for (auto next = static_cast<std::size_t>(version); next < all.size(); ++next) {
    SQLite::Transaction transaction{connection};
    connection.exec(std::string{all[next]});
    connection.exec("PRAGMA user_version = " + std::to_string(next + 1));
    transaction.commit();
  }
}

SQLite::Database open_reader(const std::filesystem::path& file) {
  SQLite::Database connection{file.string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX, 5000};
  connection.execAndGet("SELECT count(*) FROM sqlite_schema");  // opens the file and its WAL in earnest
  return connection;
}

}  // namespace

Database Database::for_writing(const std::filesystem::path& queue_directory) {
  const auto file = file_in(queue_directory);
  // Made by us, not by SQLite: it gives -wal and -shm the mode that it finds here.
  std::ignore = open_file(file, O_RDWR | O_CREAT, 0600);
  SQLite::Database connection{file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX, 5000};
  const int version = version_of(connection);
  refuse_newer(version, file);
  if (connection.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
    throw std::runtime_error{file.string() + " cannot use a write-ahead log: its file system lacks shared memory"};
  connection.exec("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000");
  migrate(connection, version);
  sync_directory(queue_directory);
  return Database{std::move(connection)};
}

// A read-only connection makes the -shm file that WAL needs when no daemon has one. Where it may not (a backup on a
// read-only disk) nobody writes either, and without a -wal the file alone is the whole truth.
Database Database::for_reading(const std::filesystem::path& queue_directory) {
  const auto file = file_in(queue_directory);
  std::ignore = open_file(file, O_RDONLY);  // says in words what is missing
  auto connection = [&] {
    try {
      return open_reader(file);
    } catch (const SQLite::Exception& failure) {
      std::error_code ignored;
      const auto wal = std::filesystem::file_size(file.string() + "-wal", ignored);
      const int code = failure.getErrorCode();
      if ((code != SQLITE_CANTOPEN && code != SQLITE_READONLY) || (!ignored && wal > 0)) throw;
      std::string uri = "file:";
      for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '%' || c == '?' || c == '#') {
          constexpr std::string_view digits = "0123456789ABCDEF";
          uri += {'%', digits[static_cast<std::size_t>(c) >> 4], digits[static_cast<std::size_t>(c) & 15]};
        } else {
          uri += c;
        }
      }
      return SQLite::Database{uri + "?immutable=1", SQLite::OPEN_READONLY | SQLite::OPEN_URI, 5000};
    }
  }();
  const int version = version_of(connection);
  refuse_newer(version, file);
  if (version < static_cast<int>(migrations().size()))
    throw std::runtime_error{file.string() + " has no tables of this version yet: start sip2mail serve once"};
  return Database{std::move(connection)};
}

SQLite::Statement& Database::prepared(const char* sql) {
  const auto known = statements_.find(sql);
  if (known != statements_.end()) return known->second;
  return statements_.emplace(sql, SQLite::Statement{connection_, sql}).first->second;
}

ItemId Query::id(int column) {
  const auto parsed = ItemId::parse(text(column));
  if (!parsed) throw std::runtime_error{"the queue's database holds an id that is none: " + text(column)};
  return *parsed;
}

}  // namespace sip2mail
