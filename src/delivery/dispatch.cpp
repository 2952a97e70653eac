#include "src/delivery/dispatch.hpp"

#include <algorithm>

namespace sip2mail {
namespace {

constexpr Delay kAgain = 1s;  // results that could not be written

}  // namespace

Dispatch::Dispatch(DispatchLimits limits) : limits_{std::move(limits)} {
  for (const DispatchLimits::Relay& relay : limits_.relays) {
    relays_.push_back(RelayState{RelayPace{relay.connections, relay.probe, relay.max_per_minute}, 0, {}, {}});
  }
}

std::vector<DispatchAction> Dispatch::on(const DispatchEvent& event, Instant now) {
  now_ = now;
  std::visit([this](const auto& it) { take(it); }, event);
  repeat_records();
  pump();
  prepare_more();
  return std::exchange(actions_, {});
}

std::optional<Instant> Dispatch::deadline() const {
  std::optional<Instant> next = again_at_;
  if (!may_send() || lanes_[0].size() + lanes_[1].size() == 0) return next;
  for (const RelayState& relay : relays_) {
    const auto opens = relay.pace.opens_at(relay.in_flight);
    // Open, and nobody was sent: then not time is in the way but the share of an address.
    if (opens && *opens > now_ && (!next || *opens < *next)) next = opens;
    if (relay.pace.standing() == RelayPace::Standing::up) break;
  }
  return next;
}

std::size_t Dispatch::room(bool fresh) const {
  const std::size_t half = limits_.in_memory / 2;
  return half - std::min(half, held_[lane_of(fresh)]);
}

RelayPace::Standing Dispatch::standing(int relay) const {
  return relays_[static_cast<std::size_t>(relay)].pace.standing();
}

void Dispatch::take(const Waiting& event) {
  if (const auto known = entries_.find(event.id); known != entries_.end()) {
    Entry& entry = known->second;
    entry.gone = false;
    entry.waiting.tries = event.tries;  // an operator's retry begins them anew
    entry.waiting.first_refusal = event.first_refusal;
    // What is on its way out was read before its result is known: the queue is asked again after that.
    if (entry.stand == Stand::recording) entry.look_again = true;
    return;
  }
  if (stopping_ || room(event.fresh) == 0) return;
  Entry& entry = entries_[event.id];
  entry.waiting = event;
  ++held_[lane_of(event.fresh)];
  enter(entry);
}

void Dispatch::take(const Gone& event) {
  for (auto next = entries_.lower_bound({event.item, 0}); next != entries_.end() && next->first.item == event.item;) {
    auto& [id, entry] = *next++;
    entry.gone = true;  // a mail that is under way ends as the relay says
    if (entry.stand == Stand::ready) lanes_[lane_of(entry.waiting.fresh)].erase(entry.waiting.address, id);
    if (entry.stand == Stand::ready || entry.stand == Stand::unprepared) forget(RecipientId{id});
  }
}

void Dispatch::take(const Replied& event) {
  Entry* entry = find(event.id, Stand::sending);
  if (entry == nullptr) return;
  const Verdict verdict = verdict_of(*entry, event.reply);
  if (verdict == Verdict::reconnect) {
    ++entry->reconnects;  // at once, in the same place
    actions_.emplace_back(Send{event.id, entry->waiting.form, entry->waiting.audio, entry->relay});
    return;
  }
  landed(*entry);
  told(entry->relay, *entry, event.reply, verdict);
  judged(*entry, event.reply, verdict, event.random);
}

void Dispatch::take(const Unfit& event) {
  Entry* entry = find(event.id, Stand::sending);
  if (entry == nullptr) return;
  landed(*entry);
  relays_[static_cast<std::size_t>(entry->relay)].pace.returned();
  judged(*entry, event.reply, event.reply.code >= 500 ? Verdict::fail : Verdict::defer, event.random);
}

void Dispatch::take(const Unsent& event) {
  Entry* entry = find(event.id, Stand::sending);
  if (entry == nullptr) return;
  landed(*entry);
  relays_[static_cast<std::size_t>(entry->relay)].pace.returned();
  again_at_ = now_ + kAgain;
  ready(*entry);
}

void Dispatch::take(const Vanished& event) {
  Entry* entry = find(event.id, Stand::sending);
  if (entry == nullptr) return;
  landed(*entry);
  relays_[static_cast<std::size_t>(entry->relay)].pace.returned();
  forget(RecipientId{event.id});
}

void Dispatch::take(const AskNow&) {
  for (RelayState& relay : relays_) relay.pace.ask_now(now_);
}

void Dispatch::take(const Recorded& event) {
  const Entry* entry = find(event.id, Stand::recording);
  if (entry == nullptr) return;
  const bool shrunk = records_.at(event.id).as == Record::As::shrink;
  if (entry->look_again || shrunk) actions_.emplace_back(LookAgain{event.id.item});
  records_.erase(event.id);
  refused_.erase(event.id);
  forget(RecipientId{event.id});
}

void Dispatch::take(const RecordRefused& event) {
  if (find(event.id, Stand::recording) == nullptr) return;
  refused_.insert(event.id);
  if (!again_at_) again_at_ = now_ + kAgain;
}

void Dispatch::repeat_records() {
  if (!again_at_ || now_ < *again_at_) return;
  again_at_.reset();
  for (const RecipientId& id : refused_) actions_.emplace_back(records_.at(id));
}

bool Dispatch::speaks_of_an_alert(const Entry& entry, const Reply& reply) {
  return entry.waiting.alert && reply.stage >= Stage::rcpt;
}

// A 421 from one aged connection after the other ends when all are new.
Verdict Dispatch::verdict_of(const Entry& entry, const Reply& reply) const {
  const RelayState& relay = relays_[static_cast<std::size_t>(entry.relay)];
  Verdict verdict = judge(reply);
  const int most = limits_.relays[static_cast<std::size_t>(entry.relay)].connections;
  if (verdict == Verdict::reconnect && entry.reconnects > most) verdict = Verdict::relay;
  const auto hearing = relay.hearings.find(entry.waiting.id);
  if (verdict != Verdict::relay_configuration) return verdict;
  const bool heard = hearing != relay.hearings.end() && hearing->second.others_passed;
  if (heard || speaks_of_an_alert(entry, reply)) verdict = judge(reply, Speaks::for_this_item);
  return verdict;
}

// What the relay's pace, and those it refused before, learn from a reply.
void Dispatch::told(int number, const Entry& entry, const Reply& reply, Verdict verdict) {
  RelayState& relay = relays_[static_cast<std::size_t>(number)];
  const RelayPace::Standing before = relay.pace.standing();
  if (speaks_of_an_alert(entry, reply) && judge(reply) == Verdict::relay_configuration) {
    relay.pace.returned();  // neither that the relay is well nor that it is not
    return;
  }
  switch (verdict) {
    case Verdict::delivered:
      for (auto& [id, hearing] : relay.hearings) hearing.others_passed = true;
      [[fallthrough]];
    case Verdict::defer:
    case Verdict::fail:
    case Verdict::smaller:
      relay.hearings.erase(entry.waiting.id);
      relay.pace.passed();
      break;
    case Verdict::relay_configuration:
      for (auto& [id, hearing] : relay.hearings) hearing.others_passed = false;
      relay.hearings[entry.waiting.id] = {};
      relay.pace.refused_everybody(now_);
      break;
    case Verdict::throttle:
      if (relay.pace.throttled(now_))
        actions_.emplace_back(RelaySlower{number, relay.pace.allowed(), relay.pace.gap(), reply});
      break;
    case Verdict::crowded:
      relay.pace.crowded(now_);
      if (relay.pace.standing() == RelayPace::Standing::up)
        actions_.emplace_back(RelaySlower{number, relay.pace.allowed(), relay.pace.gap(), reply});
      break;
    case Verdict::relay:
      relay.pace.trouble(now_);
      break;
    case Verdict::unknown:  // says nothing of the next mail, but a probe that ends so has failed
      if (before != RelayPace::Standing::up) relay.pace.trouble(now_);
      break;
    case Verdict::reconnect:
      break;
  }
  const RelayPace::Standing after = relay.pace.standing();
  if (after == before) {
    const bool again = verdict == Verdict::relay || verdict == Verdict::relay_configuration ||
                       verdict == Verdict::unknown || verdict == Verdict::crowded;
    if (again && after != RelayPace::Standing::up)
      actions_.emplace_back(RelayStillDown{number, after == RelayPace::Standing::misconfigured, reply});
    return;
  }
  if (after == RelayPace::Standing::up) {
    actions_.emplace_back(RelayUp{number});
  } else {
    actions_.emplace_back(RelayDown{number, after == RelayPace::Standing::misconfigured, reply});
  }
}

void Dispatch::judged(Entry& entry, const Reply& reply, Verdict verdict, double random) {
  const Waiting& waiting = entry.waiting;
  Record result{waiting.id, Record::As::done, reply, verdict, Delay{0}, waiting.form};
  switch (verdict) {
    case Verdict::delivered:
      break;
    case Verdict::fail:
      result.as = Record::As::fail;
      break;
    case Verdict::smaller:
      // Whole, smaller, without audio: each once. What has no audio cannot be made smaller.
      if (waiting.audio && waiting.form != Form::no_audio) {
        result.as = Record::As::shrink;
        result.form = waiting.form == Form::whole ? Form::smaller : Form::no_audio;
      } else {
        result.as = Record::As::fail;
      }
      break;
    case Verdict::defer:
    case Verdict::unknown:
      result.as = Record::As::defer;
      result.delay = limits_.schedule.delay(waiting.tries, random);
      if (limits_.schedule.over(waiting.tries, waiting.first_refusal, now_)) result.as = Record::As::fail;
      break;
    case Verdict::relay:
    case Verdict::relay_configuration:
    case Verdict::throttle:
    case Verdict::crowded:
    case Verdict::reconnect:
      if (entry.gone) {
        forget(RecipientId{waiting.id});
      } else {
        ready(entry);  // it costs the item nothing
      }
      return;
  }
  record(entry, std::move(result));
}

void Dispatch::record(Entry& entry, Record result) {
  entry.stand = Stand::recording;
  leave_preparation(entry);
  if (again_at_ && !refused_.empty()) {
    refused_.insert(result.id);  // goes with the others
  } else {
    actions_.emplace_back(result);  // alone, too, while the others are being asked again
  }
  records_.insert_or_assign(result.id, std::move(result));
}

void Dispatch::landed(Entry& entry) {
  RelayState& relay = relays_[static_cast<std::size_t>(entry.relay)];
  --in_flight_;
  --relay.in_flight;
  entry.reconnects = 0;
  const auto share = relay.per_address.find(entry.waiting.address);
  if (share != relay.per_address.end() && --share->second == 0) relay.per_address.erase(share);
}

void Dispatch::forget(const RecipientId& id) {
  const auto found = entries_.find(id);
  leave_preparation(found->second);
  --held_[lane_of(found->second.waiting.fresh)];
  for (RelayState& relay : relays_) relay.hearings.erase(id);
  entries_.erase(found);
}

Dispatch::Entry* Dispatch::find(const RecipientId& id, Stand stand) {
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.stand == stand ? &found->second : nullptr;
}

}  // namespace sip2mail
