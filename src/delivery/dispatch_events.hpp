// src/delivery/dispatch_events.hpp -- what may happen to Dispatch, and what it may ask of the dispatcher. Plain values.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "src/delivery/judge.hpp"
#include "src/delivery/reply.hpp"
#include "src/item.hpp"

namespace sip2mail {

// A recipient that is due.
struct Waiting {
  RecipientId id;
  std::string address;
  Form form = Form::whole;
  bool audio = false;  // there is a recording to prepare
  bool fresh = false;  // has just come: its lane does not wait behind a backlog
  int tries = 0;
  std::optional<Instant> first_refusal;
  bool alert = false;  // of us: a refusal of it says nothing of other mail, else alerts would make alerts
};

// --- what happens ---
struct Gone {  // held, delivered or removed by someone else
  ItemId item;
};
struct Prepared {
  ItemId item;
  Form form = Form::whole;
};
struct PrepareFailed {  // for no reason that a second look at the content would mend now
  ItemId item;
  Form form = Form::whole;
  std::string why;
  double random = 0;  // from 0 up to 1, spreads the tries
};
struct Replied {
  RecipientId id;
  Reply reply;
  double random = 0;
};
struct Unfit {  // it could not be given to a relay for a reason of its own: the reply is ours (4xx or 5xx)
  RecipientId id;
  Reply reply;
  double random = 0;
};
struct Unsent {  // the machine was in the way (database, disk): nothing was sent
  RecipientId id;
};
struct Vanished {  // it does not wait any more: nothing was sent
  RecipientId id;
};
struct Recorded {
  RecipientId id;
};
struct RecordRefused {
  RecipientId id;
};
struct Tick {};
struct AskNow {};  // an operator does not want to wait for the probe of a relay that is down
struct Stop {};
using DispatchEvent = std::variant<Waiting, Gone, Prepared, PrepareFailed, Replied, Unfit, Unsent, Vanished, Recorded,
                                   RecordRefused, Tick, AskNow, Stop>;

// --- what is asked ---
struct Prepare {
  ItemId item;
  Form form = Form::whole;
};
struct Send {
  RecipientId id;
  Form form = Form::whole;
  bool audio = false;  // with what Prepare made of this form
  int relay = 0;       // number in the list of relays
};
struct Forget {  // what was prepared is needed no more
  ItemId item;
  Form form = Form::whole;
};
struct Record {  // asked again each second until it is Recorded
  enum class As { done, defer, fail, shrink };
  RecipientId id;
  As as = As::done;
  Reply reply;
  Verdict verdict = Verdict::delivered;
  Delay delay{0};           // defer
  Form form = Form::whole;  // shrink: the next one
};
struct LookAgain {  // it changed while its result was on its way to the disk
  ItemId item;
};
struct RelayDown {
  int relay = 0;
  bool configuration = false;  // it would refuse everybody's mail
  Reply reply;
};
struct RelayStillDown {  // a probe failed, or a mail that was under way
  int relay = 0;
  bool configuration = false;
  Reply reply;
};
struct RelayUp {
  int relay = 0;
};
struct RelaySlower {  // it wants fewer mails, or fewer connections
  int relay = 0;
  int connections = 0;
  Delay gap{0};  // between mails
  Reply reply;
};
using DispatchAction =
    std::variant<Prepare, Send, Forget, Record, LookAgain, RelayDown, RelayStillDown, RelayUp, RelaySlower>;

}  // namespace sip2mail
