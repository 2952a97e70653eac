// gateway/queue/reader.hpp -- reading the queue: its own read-only connection, one for each thread that reads.
//
// Every call is one short transaction; pages are asked by key, so nothing stays open across I/O. Works while the daemon
// writes and while none runs. Throws when the database cannot be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/item.hpp"

namespace sip2mail {

// A recipient that waits, as the dispatcher needs it.
struct Due {
  RecipientId id;
  Kind kind = Kind::voicemail;
  std::string address;
  Timestamp not_before;
  int tries = 0;
  std::optional<Timestamp> first_refusal;
  Form form = Form::whole;
  Timestamp received;
};

struct Cursor {  // where the page before ended; the default is the beginning
  Timestamp not_before{Timestamp::min()};
  std::int64_t row = 0;
};

struct Filter {
  std::vector<State> states{};  // empty: all but delivered
  std::optional<std::string> mailbox{};
  std::optional<Kind> kind{};
  std::optional<std::string> text{};  // stands in who called, whom, the mailbox or the Call-ID
  std::optional<ItemId> after{};      // the page before ended with this one
  bool newest_first = false;
  int limit = 1000;
};

struct StoredContent {
  std::vector<Part> parts;
  std::optional<std::filesystem::path> recording;
};

// A try that did not deliver, or an address that an operator replaced (verdict "replaced").
struct PastTry {
  std::string address;  // empty: the recipient is gone
  Timestamp at;
  std::string relay;
  int code = 0;
  std::string reply;
  std::string verdict;  // deferred, failed, smaller, no-audio, replaced
};

struct DuePage {
  std::vector<Due> due;
  Cursor end;
};

class Reader {
 public:
  explicit Reader(const std::filesystem::path& queue_directory);
  ~Reader();
  Reader(Reader&&) noexcept;

  // Waiting recipients with not_before <= until, oldest first.
  [[nodiscard]] DuePage due(const Cursor& after, Timestamp until, int most) const;
  // When the next one after `after` comes due.
  [[nodiscard]] std::optional<Timestamp> next_due(Timestamp after) const;
  [[nodiscard]] std::vector<Item> list(const Filter& filter) const;
  [[nodiscard]] std::optional<Item> show(const ItemId& id) const;
  [[nodiscard]] std::vector<PastTry> history(const ItemId& id) const;  // in the order of their time
  [[nodiscard]] std::optional<StoredContent> content(const ItemId& id) const;
  // The items whose id ends so, at most two: none, one, or ambiguous.
  [[nodiscard]] std::vector<ItemId> ending(const std::string& end_of_id) const;
  [[nodiscard]] std::vector<std::pair<State, std::int64_t>> counts() const;

 private:
  struct Statements;
  std::unique_ptr<Statements> statements_;
};

}  // namespace sip2mail
