#include "gateway/queue/writer.hpp"

#include <atomic>
#include <thread>
#include <vector>

#include "gateway/base/clock.hpp"
#include "gateway/queue/lock.hpp"
#include "gateway/queue/recover.hpp"
#include "gateway/queue/sqlite_store.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kBatch = 500;  // bounds how long the first of a burst waits for the last
constexpr Delay kProbe = 1s;

// The disk or the file under SQLite, not what a verb wanted of it: the next job would fare no better.
bool is_of_the_machine(const std::exception& failure) {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure);
  if (sqlite == nullptr) return false;
  switch (sqlite->getErrorCode() & 0xFF) {
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_BUSY:
    case SQLITE_NOMEM:
      return true;
    default:
      return false;
  }
}

}  // namespace

struct Writer::Thread {
  using Jobs = std::span<std::unique_ptr<Job>>;

  Thread(const Options& options, Health& health_of_all, Log& log_of_all)
      : lock{options.directory},
        database{Database::for_writing(options.directory)},
        recordings{options.directory},
        health{health_of_all},
        log{log_of_all} {
    recover(database, recordings, options.recover, utc_now(), log);
    thread = std::thread{[this] { run(); }};
  }

  void run() {
    for (;;) {
      auto jobs = channel.wait(sick ? std::optional{now() + kProbe} : std::nullopt);
      if (jobs.empty()) probe();
      const bool stop = !jobs.empty() && jobs.back() == nullptr;
      if (stop) jobs.pop_back();
      for (Jobs left{jobs}; !left.empty(); left = left.subspan(std::min(kBatch, left.size())))
        work(left.first(std::min(kBatch, left.size())));
      if (stop) break;
    }
    try {
      transaction({});
      record_clean_stop(database, utc_now());
    } catch (const std::exception& failure) {
      log.warning("queue.stop", {{"reason", failure.what()}});
    }
  }

  // All in one transaction. A job that throws takes the others' work back with it: then each runs alone.
  void work(Jobs jobs) {
    try {
      if (transaction(jobs)) return;
    } catch (const std::exception& failure) {
      return refuse(jobs, failure);
    }
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      try {
        if (!transaction(jobs.subspan(i, 1))) refuse_one(*jobs[i], blame);
      } catch (const std::exception& failure) {
        return refuse(jobs.subspan(i), failure);
      }
    }
  }

  // False, and nothing done, when a job threw: `blame` is what it said. Throws, and nothing done, when the machine did.
  bool transaction(Jobs jobs) {
    try {
      execute(database, "BEGIN IMMEDIATE");
      for (const auto& job : jobs) {
        try {
          job->run(store);
        } catch (const std::exception& failure) {
          if (is_of_the_machine(failure)) throw;
          blame = failure.what();
          roll_back();
          return false;
        }
      }
      store.before_commit();
      execute(database, "COMMIT");
    } catch (...) {
      roll_back();
      throw;
    }
    be_sick(false, {});
    tell(jobs);
    return true;
  }

  // It is on disk: an exception from here on must not look like a refusal.
  void tell(Jobs jobs) noexcept {
    const std::vector<Change> changes = store.committed();
    for (const auto& job : jobs) job->committed();
    pending -= jobs.size();
    if (changes.empty()) return;
    for (const auto& listener : listeners) listener(changes);
  }

  void roll_back() noexcept {
    try {
      // SQLite may have done it already, after an error of the disk.
      if (sqlite3_get_autocommit(database.handle()) == 0) execute(database, "ROLLBACK");
    } catch (const std::exception& failure) {
      log.error("queue.rollback", {{"reason", failure.what()}});
    }
    store.rolled_back();
  }

  void refuse(Jobs jobs, const std::exception& failure) {
    be_sick(true, failure.what());
    for (const auto& job : jobs) refuse_one(*job, failure.what());
  }
  void refuse_one(Job& job, const std::string& why) {
    job.refused(Refused{why});
    --pending;
  }

  // While it is sick nobody may come, so it has to find out by itself when it is well again.
  void probe() {
    try {
      execute(database, "INSERT OR REPLACE INTO facts (name, value) VALUES ('probed', ?)",
              to_utc_milliseconds(utc_now()));
      be_sick(false, {});
    } catch (const std::exception&) {  // said when it began
    }
  }

  void be_sick(bool now_sick, const std::string& why) {
    if (sick == now_sick) return;
    sick = now_sick;
    health.set(Health::database_sick, sick);
    if (sick) {
      log.error("queue.sick", {{"reason", why}});
    } else {
      log.info("queue.well");
    }
  }

  DirectoryLock lock;
  Database database;
  Recordings recordings;
  SqliteStore store{database, recordings};
  Health& health;
  Log& log;
  Channel<std::unique_ptr<Job>> channel;
  std::vector<std::function<void(std::span<const Change>)>> listeners;
  std::atomic<std::size_t> pending{0};
  std::string blame;
  bool sick = false;
  std::thread thread;
};

Writer::Writer(const Options& options, Health& health, Log& log)
    : thread_{std::make_unique<Thread>(options, health, log)} {}

Writer::~Writer() {
  thread_->channel.push(nullptr);
  thread_->thread.join();
}

void Writer::listen(std::function<void(std::span<const Change>)> listener) {
  thread_->listeners.push_back(std::move(listener));
}

std::size_t Writer::pending() const {
  return thread_->pending.load(std::memory_order_relaxed);
}

void Writer::enqueue(std::unique_ptr<Job> job) {
  thread_->pending.fetch_add(1, std::memory_order_relaxed);
  thread_->channel.push(std::move(job));
}

}  // namespace sip2mail
