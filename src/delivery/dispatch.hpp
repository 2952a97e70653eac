// src/delivery/dispatch.hpp -- due recipients become mail, as a pure state machine.
//
//   waiting [--Prepare--> preparing] --> ready --Send--> sending --Replied--> recording --Recorded--> forgotten
//                                          ^-- the relay's own trouble ---'
//
// The machine owns no thread, socket, file or clock. The dispatcher feeds it each event with the time it happened,
// carries out the returned actions in order, and comes back at deadline(). It holds a bounded number of due recipients
// in two lanes, fresh and backlog, served in turn; the queue on disk holds the rest. An unexpected event changes
// nothing, a recipient leaves only after its result is on disk, and while results cannot be written nothing is sent.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/delivery/dispatch_events.hpp"
#include "src/delivery/lane.hpp"
#include "src/delivery/relay_pace.hpp"
#include "src/delivery/schedule.hpp"

namespace sip2mail {

struct DispatchLimits {
  struct Relay {
    int connections = 4;
    std::vector<Delay> probe;
    int max_per_minute = 0;
  };
  Schedule schedule;
  std::vector<Relay> relays;  // in order: the next one is used while those before are down
  std::size_t in_memory = 10'000;
  std::size_t unrecorded = 64;  // results on their way to a slow disk, beyond which nothing is sent
};

class Dispatch {
 public:
  explicit Dispatch(DispatchLimits limits);

  [[nodiscard]] std::vector<DispatchAction> on(const DispatchEvent& event, Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const;

  [[nodiscard]] std::size_t room(bool fresh) const;  // so many more are taken into this lane
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool settled() const { return in_flight_ == 0 && records_.empty(); }  // after Stop: it is over
  [[nodiscard]] bool only_records_left() const { return in_flight_ == 0; }
  [[nodiscard]] RelayPace::Standing standing(int relay) const;

 private:
  enum class Stand { unprepared, ready, sending, recording };
  struct Entry {
    Waiting waiting;
    Stand stand = Stand::ready;
    int relay = 0;
    int reconnects = 0;
    bool look_again = false;
    bool gone = false;  // while it was under way
  };
  struct Hearing {  // an item refused as everybody's mail would be: whether others have passed since
    bool others_passed = false;
  };
  struct RelayState {
    RelayPace pace;
    int in_flight = 0;
    std::unordered_map<std::string, int> per_address;
    std::unordered_map<RecipientId, Hearing> hearings;
  };
  struct Preparation {
    Form form = Form::whole;
    bool asked = false;
    bool done = false;
    bool fresh = false;
    std::vector<RecipientId> of;  // recipients in memory that need it
  };
  using Actions = std::vector<DispatchAction>;

  void take(const Waiting& event);
  void take(const Gone& event);
  void take(const Prepared& event);
  void take(const PrepareFailed& event);
  void take(const Replied& event);
  void take(const Unfit& event);
  void take(const Unsent& event);
  void take(const Vanished& event);
  void take(const Recorded& event);
  void take(const RecordRefused& event);
  void take(const Tick&) {}
  void take(const AskNow&);
  void take(const Stop&) { stopping_ = true; }

  void pump();
  bool send_one(int relay);
  void prepare_more();
  void repeat_records();
  void enter(Entry& entry);
  void ready(Entry& entry);
  void landed(Entry& entry);
  void judged(Entry& entry, const Reply& reply, Verdict verdict, double random);
  void told(int relay, const Entry& entry, const Reply& reply, Verdict verdict);
  void record(Entry& entry, Record result);
  void forget(const RecipientId& id);
  void leave_preparation(const Entry& entry);
  [[nodiscard]] static bool speaks_of_an_alert(const Entry& entry, const Reply& reply);
  [[nodiscard]] Verdict verdict_of(const Entry& entry, const Reply& reply) const;
  [[nodiscard]] bool may_send() const {
    return !stopping_ && !again_at_ && refused_.empty() && records_.size() < limits_.unrecorded;
  }
  [[nodiscard]] Entry* find(const RecipientId& id, Stand stand);
  [[nodiscard]] Preparation* preparation(const ItemId& item, Form form);

  static std::size_t lane_of(bool fresh) { return fresh ? 0 : 1; }

  const DispatchLimits limits_;
  std::vector<RelayState> relays_;
  std::map<RecipientId, Entry> entries_;
  std::array<Lane, 2> lanes_;          // ready to send: fresh, backlog
  std::array<std::size_t, 2> held_{};  // entries of each lane, wherever they stand
  std::size_t turn_ = 0;               // the lane whose turn it is
  std::unordered_multimap<ItemId, Preparation> preparations_;
  std::array<std::deque<std::pair<ItemId, Form>>, 2> unprepared_;
  std::size_t preparation_turn_ = 0;
  std::size_t prepared_ahead_ = 0;         // asked for or done, and not yet forgotten
  std::map<RecipientId, Record> records_;  // on their way to the disk
  std::set<RecipientId> refused_;          // of these, what the disk did not take: nothing is sent meanwhile
  int in_flight_ = 0;
  bool stopping_ = false;
  std::optional<Instant> again_at_;  // results asked again, sending again
  Instant now_{};
  Actions actions_;
};

}  // namespace sip2mail
