#include "gateway/base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "gateway/base/clock.hpp"
#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kLongestValue = 4096;
constexpr std::size_t kQueuedLines = 8192;

std::string_view level_word(Level level) {
  constexpr std::array<std::string_view, 4> words{"debug", "info", "warning", "error"};
  return words[static_cast<std::size_t>(level)];
}

// As wide as the widest, for a column on a terminal.
std::string_view level_column(Level level) {
  constexpr std::array<std::string_view, 4> words{"DEBUG", "INFO ", "WARN ", "ERROR"};
  return words[static_cast<std::size_t>(level)];
}

// Nothing raw from the network gets out: a control is shown as \n or \x1b, what hides or turns text is removed.
std::string escaped(std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  bool quote = value.empty();
  for (const char c : value.substr(0, kLongestValue)) {
    const auto byte = static_cast<unsigned char>(c);
    quote = quote || byte <= ' ' || c == '"' || c == '=' || c == '\\' || byte == 0x7F;
    if (c == '"' || c == '\\') {
      shown += '\\';
      shown += c;
    } else if (c == '\n') {
      shown += "\\n";
    } else if (c == '\r') {
      shown += "\\r";
    } else if (c == '\t') {
      shown += "\\t";
    } else if (byte < ' ' || byte == 0x7F) {
      shown += "\\x";
      shown += digits[byte >> 4];
      shown += digits[byte & 0xF];
    } else {
      shown += c;
    }
  }
  shown = printable(shown, 2 * kLongestValue);
  return quote ? "\"" + shown + "\"" : shown;
}

std::shared_ptr<spdlog::sinks::sink> sink_to(LogTo to) {
  if (to == LogTo::standard_output) return std::make_shared<spdlog::sinks::stdout_sink_mt>();
  return std::make_shared<spdlog::sinks::stderr_sink_mt>();
}

}  // namespace

std::string format_event(LogFormat format, Level level, std::string_view name, std::initializer_list<Field> fields) {
  std::string line;
  if (format == LogFormat::text) {
    line.append(level_column(level)).append(" ").append(name);
    if (fields.size() != 0) line += ' ';
  } else {
    line.append("level=").append(level_word(level)).append(" event=").append(name);
  }
  for (const Field& field : fields) line.append(" ").append(field.key).append("=").append(escaped(field.value));
  return line;
}

struct Log::Sink {
  Sink(LogFormat form, Level lowest, LogTo to)
      : format{form},
        least{lowest},
        pool{std::make_shared<spdlog::details::thread_pool>(kQueuedLines, 1)},
        logger{std::make_shared<spdlog::async_logger>("", sink_to(to), pool,
                                                      spdlog::async_overflow_policy::overrun_oldest)} {
    logger->set_pattern("%v");
    // A log that nobody takes (a closed pipe) is no reason to stop, and there is nowhere to say so.
    logger->set_error_handler([](const std::string&) {});
  }

  std::string stamped(Level level, std::string_view name, std::initializer_list<Field> fields) const {
    // UTC in either form: logs of several machines are read side by side.
    const std::string when = to_utc_milliseconds(utc_now());
    return (format == LogFormat::text ? when : "ts=" + when) + " " + format_event(format, level, name, fields);
  }
  void write(std::string line) {
    const std::lock_guard lock{mutex};
    if (!holding) {
      logger->log(spdlog::level::info, line);
    } else if (held.size() < kMostHeld) {
      held.push_back(std::move(line));
    }
  }
  void release() {
    const std::lock_guard lock{mutex};
    holding = false;
    for (const std::string& line : held) logger->log(spdlog::level::info, line);
    held.clear();
  }

  LogFormat format;
  std::atomic<Level> least;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  std::mutex mutex;  // of the two below
  bool holding = false;
  std::vector<std::string> held;
};

Log::Log(LogFormat format, Level least, LogTo to) : sink_{std::make_unique<Sink>(format, least, to)} {}

// Then the pool's destructor writes what is queued, and joins its thread.
Log::~Log() {
  sink_->release();
}

void Log::hold() {
  const std::lock_guard lock{sink_->mutex};
  sink_->holding = true;
}

void Log::event(Level level, std::string_view name, std::initializer_list<Field> fields) {
  if (level >= sink_->least.load(std::memory_order_relaxed)) sink_->write(sink_->stamped(level, name, fields));
}

void Log::started(std::initializer_list<Field> fields) {
  sink_->logger->log(spdlog::level::info, sink_->stamped(Level::info, "started", fields));
  sink_->release();
}

void Log::set_level(Level least) {
  sink_->least.store(least, std::memory_order_relaxed);
}

std::uint64_t Log::dropped() const {
  return sink_->pool->overrun_counter();
}

}  // namespace sip2mail
