// gateway/cli/queue_access.hpp -- how a command reaches the queue: reading it itself, changing it through the gateway
// or, when none runs, with the queue's lock in its own process.
//
// Throws CommandFailure in words; the machine's exceptions go through.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/io.hpp"
#include "gateway/web/api.hpp"

namespace sip2mail {

// Of --state: names, "all" is every one, none is none. CommandFailure{usage} for any other word.
[[nodiscard]] std::vector<State> parse_states(const std::string& text);

// nullopt: there is no queue yet; the second says so on standard error.
[[nodiscard]] std::optional<Reader> open_queue(const Settings& settings);
[[nodiscard]] std::optional<Reader> queue_or_words(const Settings& settings, const Program& program);

// The item whose id is or ends with `text`; CommandFailure{data} when there is none, or more than one.
[[nodiscard]] ItemId find_item(const Reader& reader, const std::string& text);
[[nodiscard]] Item show_item(const Reader& reader, const std::string& text);

class QueueChanger {
 public:
  explicit QueueChanger(const Settings& settings);
  ~QueueChanger();
  // An answer that is no 200 is thrown as CommandFailure.
  ApiAnswer ask(const ApiRequest& request);

 private:
  struct InProcess;
  std::filesystem::path directory_;
  Delay min_length_;
  std::unique_ptr<InProcess> in_process_;
};

}  // namespace sip2mail
