// gateway/base/log.hpp -- one event a line: "ts level event key=value …" (contract, section 7), text or logfmt.
//
// Any thread; the line is handed to spdlog's own thread and dropped, and counted, when that lags. Every value is made
// printable and quoted here, so callers hand over what came from the network as it is.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace sip2mail {

enum class Level { debug, info, warning, error };
enum class LogFormat { text, logfmt };
enum class LogTo { standard_output, standard_error };

struct Field {
  std::string_view key;
  std::string value;
};

class Log {
 public:
  // `serve` logs to standard output, a command beside its answer to standard error. The text format is for a terminal,
  // logfmt for machines; both escape.
  Log(LogFormat format, Level least, LogTo to = LogTo::standard_output);
  ~Log();  // writes what is queued
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void event(Level level, std::string_view name, std::initializer_list<Field> fields = {});
  void debug(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::debug, name, fields); }
  void info(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::info, name, fields); }
  void warning(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::warning, name, fields); }
  void error(std::string_view name, std::initializer_list<Field> fields = {}) { event(Level::error, name, fields); }
  void set_level(Level least);
  [[nodiscard]] std::uint64_t dropped() const;

  // From hold() on lines wait, at most kMostHeld of them, until `started` has been written before them: what waits for
  // the program reads that one first. Lines that still wait when the Log goes (it never started) are written then.
  static constexpr std::size_t kMostHeld = 10'000;
  void hold();
  void started(std::initializer_list<Field> fields);

 private:
  struct Sink;
  std::unique_ptr<Sink> sink_;
};

// The line without its time stamp, as a pure function: what the tests read.
[[nodiscard]] std::string format_event(LogFormat format, Level level, std::string_view name,
                                       std::initializer_list<Field> fields);

}  // namespace sip2mail
