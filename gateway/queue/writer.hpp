// gateway/queue/writer.hpp -- the one thread that writes the queue: group commit without timer or savepoint.
//
// Any thread submits; what gathered while the last COMMIT ran becomes the next batch. If a verb throws, the batch is
// rolled back and each job runs alone; if the disk fails all are refused. `then` runs on the writer thread after the
// COMMIT, gets the result or Refused, and only posts. After each COMMIT the changes go to every listener of the feed.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "gateway/base/channel.hpp"
#include "gateway/base/health.hpp"
#include "gateway/base/log.hpp"
#include "gateway/queue/recover.hpp"
#include "gateway/queue/store.hpp"

namespace sip2mail {

struct Refused {
  std::string why;
};

// An item changed: committed.
struct Change {
  ItemId id;
  State state = State::ready;
  bool gone = false;  // forgotten or swept: there is no such item any more
};

struct Nothing {};

class Writer {
 public:
  // Takes the lock of the directory, migrates, recovers (see recover.hpp), starts the thread. Throws QueueBusy,
  // QueueTooNew, or what the machine said.
  struct Options {
    std::filesystem::path directory;
    RecoverLimits recover{};
  };
  Writer(const Options& options, Health& health, Log& log);
  ~Writer();  // commits what was submitted, then stops
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Call before the threads that submit start. The listener must outlive the Writer.
  void listen(std::function<void(std::span<const Change>)> listener);

  // verb(Store&) -> T on the writer thread; after its COMMIT then(std::variant<T, Refused>); T is Nothing for void.
  template <class Verb, class Then>
  void submit(Verb verb, Then then) {
    using Raw = std::invoke_result_t<Verb, Store&>;
    using T = std::conditional_t<std::is_void_v<Raw>, Nothing, Raw>;
    struct Typed final : Job {
      Typed(Verb v, Then t) : verb{std::move(v)}, then{std::move(t)} {}
      void run(Store& store) override {
        if constexpr (std::is_void_v<Raw>) {
          verb(store);
          result.emplace();
        } else {
          result.emplace(verb(store));
        }
      }
      void committed() override { then(std::variant<T, Refused>{std::move(*result)}); }
      void refused(const Refused& why) override { then(std::variant<T, Refused>{why}); }
      Verb verb;
      Then then;
      std::optional<T> result;
    };
    enqueue(std::make_unique<Typed>(std::move(verb), std::move(then)));
  }
  [[nodiscard]] std::size_t pending() const;

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void run(Store& store) = 0;
    virtual void committed() = 0;
    virtual void refused(const Refused& why) = 0;
  };
  void enqueue(std::unique_ptr<Job> job);

  struct Thread;
  std::unique_ptr<Thread> thread_;
};

// Another process holds the lock of queue.directory (exit 75).
struct QueueBusy : std::runtime_error {
  using std::runtime_error::runtime_error;
};
// The database was written by a newer program (exit 78).
struct QueueTooNew : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace sip2mail
