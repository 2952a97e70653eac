#include "gateway/queue/recover.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <vector>

#include "gateway/queue/sqlite_store.hpp"
#include "src/media/wav.hpp"

namespace sip2mail {
namespace {

// The header says how long the file is once it is sealed; a crash came first. A header that never reached the disk is
// written anew at 8 kHz, the rate of nearly all calls: better too slow than lost.
std::optional<WavFormat> mend(const std::filesystem::path& path, Log& log) {
  std::error_code missing;
  const std::uint64_t size = std::filesystem::file_size(path, missing);
  if (missing || size <= kWavHeader) return std::nullopt;
  try {
    const Fd file = open_file(path, O_RDWR | O_NOFOLLOW);
    std::string head(kWavHeader, '\0');
    if (::pread(file.get(), head.data(), head.size(), 0) < 0) throw_errno("cannot read", path);
    const WavFormat format =
        read_wav_header(head, size).value_or(WavFormat{.rate = 8000, .data_bytes = (size - kWavHeader) / 2 * 2});
    write_all(file.get(), wav_header(format), path);
    sync_file(file.get(), path);
    return format;
  } catch (const std::system_error& failure) {
    log.error("item.damaged", {{"file", path.filename().string()}, {"reason", failure.what()}});
    return WavFormat{.rate = 8000, .data_bytes = (size - kWavHeader) / 2 * 2};
  }
}

void finish_unlinks(Database& database, Recordings& recordings) {
  std::vector<std::string> files;
  {
    Query rows{database, "SELECT file FROM unlinks"};
    while (rows.next()) files.push_back(rows.text(0));
  }
  std::erase_if(files, [&](const std::string& file) { return !recordings.remove(file); });
  if (files.empty()) return;
  recordings.sync();
  execute(database, "BEGIN IMMEDIATE");
  for (const std::string& file : files) execute(database, "DELETE FROM unlinks WHERE file = ?", file);
  execute(database, "COMMIT");
}

void finish_recordings(Database& database, Recordings& recordings, Delay min_length, Timestamp now, Log& log) {
  std::vector<ItemId> left;
  {
    Query rows{database, "SELECT id FROM items WHERE state = 'recording' ORDER BY seq"};
    while (rows.next()) left.push_back(rows.id(0));
  }
  if (left.empty()) return;
  SqliteStore store{database, recordings};
  execute(database, "BEGIN IMMEDIATE");
  for (const ItemId& id : left) {
    const auto format = mend(recordings.path(recording_name(id)), log);
    const Delay duration = format ? format->duration() : Delay{0};
    // An empty one is missed even where min-length is 0.
    const bool heard = duration > Delay{0} && duration >= min_length;
    if (heard) {
      store.ready(id, Heard{.duration = duration, .flags = {.interrupted = true}}, now);
    } else {
      store.missed(id, now);
    }
    log.info("item.recovered", {{"item", id.text()},
                                {"kind", heard ? "voicemail" : "missed"},
                                {"duration", std::to_string(duration.count()) + "ms"}});
  }
  store.before_commit();
  execute(database, "COMMIT");
  static_cast<void>(store.committed());
}

bool is_wanted(Database& database, const std::string& name) {
  if (name.size() != ItemId{}.view().size() + 4 || !name.ends_with(".wav")) return false;
  Query row{database, "SELECT 1 FROM items WHERE id = ? AND kind = 'voicemail' AND content = 1",
            name.substr(0, name.size() - 4)};
  if (row.next()) return true;
  Query unlink{database, "SELECT 1 FROM unlinks WHERE file = ?", name};
  return unlink.next();
}

void set_aside_strangers(Database& database, Recordings& recordings, Log& log) {
  std::vector<std::string> strangers;
  for (const auto& entry : std::filesystem::directory_iterator{recordings.directory()}) {
    std::error_code unknown;
    if (entry.is_directory(unknown)) continue;
    const std::string name = entry.path().filename().string();
    if (!is_wanted(database, name)) strangers.push_back(name);
  }
  for (const std::string& name : strangers) {
    const auto target = recordings.move_to_lost(name);
    log.warning("recording.lost", {{"file", target.string()}, {"reason", "no item of the queue knows it"}});
  }
  if (!strangers.empty()) recordings.sync();
}

}  // namespace

void recover(Database& database, Recordings& recordings, const RecoverLimits& limits, Timestamp now, Log& log) {
  finish_recordings(database, recordings, limits.min_length, now, log);
  finish_unlinks(database, recordings);
  set_aside_strangers(database, recordings, log);
  execute(database, "UPDATE recipients SET not_before = ? WHERE not_before > ?", now, now + limits.longest_wait);
  execute(database, "DELETE FROM facts WHERE name = 'stopped'");
}

void record_clean_stop(Database& database, Timestamp now) {
  execute(database, "INSERT OR REPLACE INTO facts (name, value) VALUES ('stopped', ?)", to_utc_milliseconds(now));
}

}  // namespace sip2mail
