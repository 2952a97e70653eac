// gateway/queue/store.hpp -- the verbs of the queue: every change that can happen to an item.
//
// Lives on the writer thread only (through Writer::submit); before that, recover() runs on the thread that opens it.
// A verb throws when the machine fails (disk, database); it may be run twice and must then do the same. A verb on
// something that is gone changes nothing. File operations stand where DESIGN's order of durability wants them: a file
// is created before its row, and unlinked after the commit that says so.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/base/files.hpp"
#include "src/delivery/reply.hpp"
#include "src/item.hpp"

namespace sip2mail {

struct Opened {
  ItemId id;
  Fd recording;  // empty recordings/<id>.wav, opened for writing
};
struct Stored {
  ItemId id;
  bool again = false;  // a duplicate within 24 h: answered the same, nothing stored
};

// SHA-256 over Call-ID, CSeq, From tag, mailbox and body hash (contract, section 3).
using DedupeKey = std::array<std::uint8_t, 32>;

// Which items a verb of the operator means: these, or all in some states.
struct Selection {
  std::vector<ItemId> ids;    // when not empty, only these
  std::vector<State> states;  // else all in these states
};

class Store {
 public:
  virtual ~Store() = default;

  // Row `recording`; the file first, then the row. The id is the Envelope's.
  virtual Opened open(const Envelope& envelope, Timestamp now) = 0;
  // A text, an alert, a test: row `ready` with its content.
  virtual Stored put(const Envelope& envelope, std::span<const Part> parts, const std::optional<DedupeKey>& key,
                     Timestamp now) = 0;
  // The recording began: its start is the Date of the mail.
  virtual void began(const ItemId& id, Timestamp now) = 0;
  // recording -> ready (voicemail).
  virtual State ready(const ItemId& id, const Heard& heard, Timestamp now) = 0;
  // recording -> ready (kind missed); its file goes.
  virtual State missed(const ItemId& id, Timestamp now) = 0;
  // Configuration wants no item: row and file go.
  virtual void forget(const ItemId& id) = 0;

  virtual State done(const RecipientId& id, const Reply& reply, Timestamp now) = 0;
  virtual State defer(const RecipientId& id, const Reply& reply, Delay delay, Timestamp now) = 0;
  // A fallback address joins the recipients of the item, but not of an alert.
  virtual State fail(const RecipientId& id, const Reply& reply, const std::optional<std::string>& fallback,
                     Timestamp now) = 0;
  // The relay found the mail too large: the next, smaller form is due at once.
  virtual State shrink(const RecipientId& id, const Reply& reply, Form form, Timestamp now) = 0;
  // Over 3 h late: the Date of its mail, committed before the first send; an earlier one stands.
  virtual void composing(const RecipientId& id, Timestamp now) = 0;

  // Undelivered recipients become due now, tries and lifetime anew; failed ones wait again. At most so many items a
  // call; the number done, repeated by the caller until 0.
  // Of a delivered item only what the built-in Maildir took is sent again, and only when all such are selected.
  virtual int retry(const Selection& selection, Timestamp now, int most) = 0;
  // The failed recipients are replaced by these addresses; then as retry. An address that the item has already gets no
  // second mail.
  virtual int redirect(const Selection& selection, std::span<const std::string> to, Timestamp now, int most) = 0;
  // As retry: at most so many a call, repeated until 0. A held item is not sent; a removed one is gone with its
  // content, whatever became of it. What still records is left alone.
  virtual int hold(const Selection& selection, int most) = 0;
  virtual int release(const Selection& selection, Timestamp now, int most) = 0;
  virtual int remove(const Selection& selection, int most) = 0;
  // What keep-delivered and keep-failed no longer want: content, and facts after 30 days. What was delivered before the
  // first sweep counts from that one.
  struct Keep {
    Delay delivered{0};
    Delay failed{0};  // 0: for ever
  };
  virtual int sweep(const Keep& keep, Timestamp now, int most) = 0;
};

}  // namespace sip2mail
