// tests/bench/queue_bench.cpp -- what the queue costs: queue_bench [ROWS] [DIRECTORY].
//
// Wall time tells of the disk, CPU µs a unit of us. ROWS is the size of the queue for the due page (default 100,000).
#include <sys/resource.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "gateway/base/clock.hpp"
#include "gateway/base/random.hpp"
#include "gateway/queue/reader.hpp"
#include "gateway/queue/writer.hpp"

using namespace sip2mail;

namespace {

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

template <class Work>
void measure(const char* what, int units, Work work) {
  const Instant begin = now();
  const double cpu = cpu_seconds();
  work();
  const double wall = std::chrono::duration<double>(now() - begin).count();
  std::printf("%-28s %9d %10.0f /s %9.1f us CPU\n", what, units, units / wall, (cpu_seconds() - cpu) * 1e6 / units);
}

std::vector<Envelope> envelopes(int count) {
  std::vector<Envelope> all(static_cast<std::size_t>(count));
  for (Envelope& e : all) {
    e.id = new_item_id(utc_now());
    e.kind = Kind::text;
    e.mailbox = "2001";
    e.caller = "0312345678";
    e.callee = "2001";
    e.call_id = "a84b4c76e66710@192.0.2.10";
    e.received = utc_now();
    e.sender_domain = "example.com";
    e.recipients = {"taro@example.com"};
  }
  return all;
}

// At most `together` wait for a commit, as the kept messages of the SIP thread would.
template <class Verb>
void submit_all(Writer& writer, const std::vector<Envelope>& all, std::size_t together, Verb verb) {
  std::atomic<std::size_t> answered{0};
  std::size_t refused = 0;
  std::size_t sent = 0;
  for (const Envelope& e : all) {
    writer.submit([&e, &verb](Store& store) { return verb(store, e); },
                  [&](const auto& result) {
                    refused += result.index();
                    ++answered;
                    answered.notify_one();
                  });
    ++sent;
    for (std::size_t done = answered; sent - done >= together; done = answered) answered.wait(done);
  }
  for (std::size_t done = answered; done < sent; done = answered) answered.wait(done);
  if (refused > 0) std::printf("refused: %zu\n", refused);
}

}  // namespace

int main(int argc, char** argv) {
  const int rows = argc > 1 ? std::atoi(argv[1]) : 100'000;
  const std::filesystem::path directory = argc > 2 ? argv[2] : "queue-bench-data";
  std::filesystem::remove_all(directory);
  Health health;
  Log log{LogFormat::text, Level::warning};
  {
    Writer writer{{directory, 1s}, health, log};
    const std::vector<Part> parts{{"text/plain", "", std::string(160, 'x')}};
    const auto put = [&](Store& store, const Envelope& e) {
      DedupeKey key{};
      fill_random(key);
      return store.put(e, parts, key, e.received);
    };
    for (const auto& [what, count, together] : {std::tuple{"put, one a commit", 1'000, 1},
                                                {"put, 10 together", 5'000, 10},
                                                {"put, 100 together", 20'000, 100}}) {
      const auto all = envelopes(count);
      measure(what, count, [&, n = together] { submit_all(writer, all, static_cast<std::size_t>(n), put); });
    }
    const auto all = envelopes(rows);
    measure("put, 500 together", rows, [&] { submit_all(writer, all, 500, put); });
    const Reply taken{Stage::accepted, 250, "250 2.0.0 Ok: queued as 4F1A", "default", false};
    const auto done = [&](Store& store, const Envelope& e) { return store.done({e.id, 1}, taken, utc_now()); };
    const std::vector<Envelope> some(all.begin(), all.begin() + std::min(rows, 20'000));
    measure("done, 10 together", static_cast<int>(some.size()) / 2, [&] {
      submit_all(writer, {some.begin(), some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2)}, 10, done);
    });
    measure("done, 100 together", static_cast<int>(some.size()) / 2, [&] {
      submit_all(writer, {some.begin() + static_cast<std::ptrdiff_t>(some.size() / 2), some.end()}, 100, done);
    });
  }
  measure("start on that queue", 1, [&] { Writer{{directory, 1s}, health, log}; });
  measure("list 50, fresh connection", 200, [&] {
    for (int i = 0; i < 200; ++i) static_cast<void>(Reader{directory}.list({.newest_first = true, .limit = 50}));
  });
  const Reader reader{directory};
  measure("list 50", 200, [&] {
    for (int i = 0; i < 200; ++i) static_cast<void>(reader.list({.newest_first = true, .limit = 50}));
  });
  measure("due page of 10,000", 10, [&] {
    for (int i = 0; i < 10; ++i) static_cast<void>(reader.due({}, utc_now(), 10'000));
  });
  measure("counts", 10, [&] {
    for (int i = 0; i < 10; ++i) static_cast<void>(reader.counts());
  });
  std::filesystem::remove_all(directory);
  return 0;
}
