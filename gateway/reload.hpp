// gateway/reload.hpp -- SIGHUP: the configuration is read, checked and prepared anew beside everything that runs.
//
// Owned by serve(); main asks and takes what comes out of `results`. Files are read on a thread of its own, started
// at the first need. A configuration that is wrong changes nothing: `errors` says what, in the words of the start.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/base/channel.hpp"
#include "gateway/base/worker.hpp"
#include "gateway/config/load.hpp"
#include "gateway/media/greetings.hpp"

namespace sip2mail {

struct Reloaded {
  std::shared_ptr<const Settings> settings;  // null: refused
  std::shared_ptr<const Greetings> greetings;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  std::vector<std::string> need_restart;  // options that were changed and are read at the start only
};

// Of options that are read at the start only, `first` stands in the result.
[[nodiscard]] Reloaded reload(const Loaded& first, const std::function<Loaded()>& load_again);

class Reloader {
 public:
  Reloader(Loaded first, std::function<Loaded()> load_again)
      : first_{std::move(first)}, load_again_{std::move(load_again)} {}

  // A second one while the first runs is one more.
  void ask();
  [[nodiscard]] int fd() const { return results_.fd(); }
  [[nodiscard]] std::vector<Reloaded> take() { return results_.drain(); }

 private:
  struct ReadAgain {};

  const Loaded first_;
  const std::function<Loaded()> load_again_;
  Channel<Reloaded> results_;
  std::unique_ptr<Worker<ReadAgain, Reloaded>> worker_;  // last: its thread ends before the rest goes
};

}  // namespace sip2mail
