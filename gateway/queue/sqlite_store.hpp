// gateway/queue/sqlite_store.hpp -- the verbs of the queue on SQLite, inside a transaction that the Writer owns.
//
// Owned by the writer thread; recover() uses it before that thread starts. A verb that throws leaves its transaction to
// be rolled back. What must happen on disk beside the COMMIT stands in three calls that the Writer makes around it:
// before_commit(), then committed() or rolled_back().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/queue/database.hpp"
#include "gateway/queue/derive.hpp"
#include "gateway/queue/recordings.hpp"
#include "gateway/queue/store.hpp"
#include "gateway/queue/writer.hpp"

namespace sip2mail {

class SqliteStore final : public Store {
 public:
  SqliteStore(Database& database, Recordings& recordings) : database_{database}, recordings_{recordings} {}

  // store_accept.cpp
  Opened open(const Envelope& envelope, Timestamp now) override;
  Stored put(const Envelope& envelope, std::span<const Part> parts, const std::optional<DedupeKey>& key,
             Timestamp now) override;
  void began(const ItemId& id, Timestamp now) override;
  State ready(const ItemId& id, const Heard& heard, Timestamp now) override;
  State missed(const ItemId& id, Timestamp now) override;
  void forget(const ItemId& id) override;

  // store_results.cpp
  State done(const RecipientId& id, const Reply& reply, Timestamp now) override;
  State defer(const RecipientId& id, const Reply& reply, Delay delay, Timestamp now) override;
  State fail(const RecipientId& id, const Reply& reply, const std::optional<std::string>& fallback,
             Timestamp now) override;
  State shrink(const RecipientId& id, const Reply& reply, Form form, Timestamp now) override;
  void composing(const RecipientId& id, Timestamp now) override;

  // store_operator.cpp
  int retry(const Selection& selection, Timestamp now, int most) override;
  int redirect(const Selection& selection, std::span<const std::string> to, Timestamp now, int most) override;
  int hold(const Selection& selection, int most) override;
  int release(const Selection& selection, Timestamp now, int most) override;
  int remove(const Selection& selection, int most) override;
  // store_sweep.cpp
  int sweep(const Keep& keep, Timestamp now, int most) override;

  // store_commit.cpp
  void before_commit();  // the names of new and of unlinked files are made durable
  [[nodiscard]] std::vector<Change> committed();
  void rolled_back() noexcept;

 private:
  struct Row {
    std::int64_t seq = 0;
    ItemId id;
    State state = State::recording;
    Kind kind = Kind::voicemail;
    Flags flags;
    bool content = true;
  };
  [[nodiscard]] std::optional<Row> find(const ItemId& id);
  [[nodiscard]] std::int64_t insert(const Envelope& envelope, State state, std::optional<Timestamp> not_before,
                                    std::uint64_t size);
  // After a recipient changed: the state that follows, stored and told to the feed.
  State settle(const Row& item, Timestamp now);
  State become(const Row& item, State state, std::optional<Timestamp> settled);
  void let_go(const Row& item, Timestamp now);  // recording -> ready: all recipients are due
  void record_try(const Row& item, int n, const Reply& reply, std::string_view verdict, Timestamp now);
  void unlink_later(const ItemId& id);
  void remove_rows(const Row& item);
  bool start_anew(const ItemId& id, Timestamp now);
  bool send_again(const ItemId& id, Timestamp now);
  bool replace_failed(const ItemId& id, std::span<const std::string> to, Timestamp now);
  // The selected items that stand in one of these states; each verb takes them out of it.
  [[nodiscard]] std::vector<Row> selected(const Selection& selection, std::span<const State> states, int most);

  Database& database_;
  Recordings& recordings_;
  std::vector<std::string> created_;  // files of this transaction
  std::vector<std::string> erased_;   // files that its COMMIT lets go
  std::vector<std::string> gone_;     // unlinked; their rows in `unlinks` go with the next COMMIT
  std::vector<Change> changes_;
};

}  // namespace sip2mail
