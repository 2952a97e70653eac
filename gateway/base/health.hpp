// gateway/base/health.hpp -- what keeps us from taking calls, as a word of flags that any thread sets and reads.
//
// Set by who knows (disk sync, writer, recorder, main), read by the gatekeeper before each call and by /readyz.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sip2mail {

class Health {
 public:
  enum Trouble : std::uint32_t { disk_low = 1, recorder_behind = 2, database_sick = 4, draining = 8 };

  void set(Trouble trouble, bool on) {
    if (on) {
      troubles_.fetch_or(trouble, std::memory_order_relaxed);
    } else {
      troubles_.fetch_and(~std::uint32_t{trouble}, std::memory_order_relaxed);
    }
  }
  [[nodiscard]] bool well() const { return troubles_.load(std::memory_order_relaxed) == 0; }
  [[nodiscard]] bool has(Trouble trouble) const { return (troubles_.load(std::memory_order_relaxed) & trouble) != 0; }

  // Each trouble as a sentence with its remedy; of `ignored` nothing is said.
  [[nodiscard]] std::vector<std::string_view> reasons(std::optional<Trouble> ignored = std::nullopt) const {
    static constexpr std::array<std::pair<Trouble, std::string_view>, 4> kSentences{{
        {disk_low, "less than queue.min-free is left on the disk of queue.directory: free some space or lower it"},
        {recorder_behind, "the disk of queue.directory does not take recordings in time: see its health and load"},
        {database_sick, "the queue's database cannot be written: see the log for the disk's error"},
        {draining, "the gateway is stopping: it finishes running calls and takes no new ones"},
    }};
    std::vector<std::string_view> out;
    for (const auto& [trouble, sentence] : kSentences) {
      if (has(trouble) && trouble != ignored) out.push_back(sentence);
    }
    return out;
  }

 private:
  std::atomic<std::uint32_t> troubles_{0};
};

}  // namespace sip2mail
