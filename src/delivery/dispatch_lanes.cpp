// The half of Dispatch that chooses: who is prepared, who is sent next, and by which relay.
#include <algorithm>

#include "src/delivery/dispatch.hpp"

namespace sip2mail {

void Dispatch::enter(Entry& entry) {
  const Waiting& waiting = entry.waiting;
  if (!waiting.audio || waiting.form == Form::no_audio) {
    ready(entry);
    return;
  }
  entry.stand = Stand::unprepared;
  Preparation* prepared = preparation(waiting.id.item, waiting.form);
  if (prepared == nullptr) {
    prepared =
        &preparations_.emplace(waiting.id.item, Preparation{waiting.form, false, false, waiting.fresh, {}})->second;
    unprepared_[lane_of(waiting.fresh)].emplace_back(waiting.id.item, waiting.form);
  }
  prepared->of.push_back(waiting.id);
  if (prepared->done) ready(entry);
}

void Dispatch::ready(Entry& entry) {
  entry.stand = Stand::ready;
  lanes_[lane_of(entry.waiting.fresh)].push(entry.waiting.address, entry.waiting.id);
}

void Dispatch::take(const Prepared& event) {
  Preparation* prepared = preparation(event.item, event.form);
  if (prepared == nullptr) {  // all its recipients have gone meanwhile
    actions_.emplace_back(Forget{event.item, event.form});
    return;
  }
  if (!std::exchange(prepared->asked, true)) ++prepared_ahead_;  // asked for by those before
  prepared->done = true;
  for (const RecipientId& id : prepared->of) {
    if (Entry* entry = find(id, Stand::unprepared)) ready(*entry);
  }
}

void Dispatch::take(const PrepareFailed& event) {
  const Preparation* prepared = preparation(event.item, event.form);
  if (prepared == nullptr) return;
  const std::vector<RecipientId> of = prepared->of;
  for (const RecipientId& id : of) {
    Entry* entry = find(id, Stand::unprepared);
    if (entry == nullptr) continue;
    judged(*entry,
           Reply{Stage::rcpt, 451, "451 4.3.0 not sent, the mail could not be prepared: " + event.why, "", false},
           Verdict::defer, event.random);
  }
}

Dispatch::Preparation* Dispatch::preparation(const ItemId& item, Form form) {
  const auto [first, last] = preparations_.equal_range(item);
  const auto found = std::find_if(first, last, [&](const auto& entry) { return entry.second.form == form; });
  return found == last ? nullptr : &found->second;
}

void Dispatch::leave_preparation(const Entry& entry) {
  const auto [first, last] = preparations_.equal_range(entry.waiting.id.item);
  const auto found = std::find_if(first, last, [&](const auto& it) { return it.second.form == entry.waiting.form; });
  if (found == last) return;
  Preparation& prepared = found->second;
  std::erase(prepared.of, entry.waiting.id);
  if (!prepared.of.empty()) return;
  if (prepared.asked) {
    --prepared_ahead_;
    if (prepared.done) actions_.emplace_back(Forget{entry.waiting.id.item, prepared.form});
  }
  preparations_.erase(found);  // its place in unprepared_ is passed over
}

// Enough to keep every connection busy and no more: what is prepared lies in memory.
void Dispatch::prepare_more() {
  std::size_t most = 2;
  for (const DispatchLimits::Relay& relay : limits_.relays) most += 2 * static_cast<std::size_t>(relay.connections);
  while (!stopping_ && prepared_ahead_ < most && unprepared_[0].size() + unprepared_[1].size() > 0) {
    auto& queue =
        unprepared_[preparation_turn_].empty() ? unprepared_[1 - preparation_turn_] : unprepared_[preparation_turn_];
    preparation_turn_ = 1 - preparation_turn_;
    const auto [item, form] = queue.front();
    queue.pop_front();
    Preparation* prepared = preparation(item, form);
    if (prepared == nullptr || prepared->asked) continue;
    prepared->asked = true;
    ++prepared_ahead_;
    actions_.emplace_back(Prepare{item, form});
  }
}

void Dispatch::pump() {
  if (!may_send()) return;
  for (std::size_t i = 0; i < relays_.size(); ++i) {
    while (may_send() && relays_[i].pace.may_send(relays_[i].in_flight, now_) && send_one(static_cast<int>(i))) {
    }
    if (relays_[i].pace.standing() == RelayPace::Standing::up) break;  // the next ones stand in for one that is down
  }
}

bool Dispatch::send_one(int number) {
  RelayState& relay = relays_[static_cast<std::size_t>(number)];
  const bool down = relay.pace.standing() == RelayPace::Standing::misconfigured;
  const int share = std::max(1, limits_.relays[static_cast<std::size_t>(number)].connections / 2);
  const auto within_share = [&](const std::string& address) {
    if (lanes_[0].only(address) && lanes_[1].only(address)) return true;  // nobody else waits
    const auto found = relay.per_address.find(address);
    return found == relay.per_address.end() || found->second < share;
  };
  // What it has refused for everybody's sake is asked again last: another mail may fare better.
  const auto not_heard = [&](const RecipientId& id) { return !down || !relay.hearings.contains(id); };
  std::optional<RecipientId> id;
  for (const bool strict : {true, false}) {
    for (std::size_t i = 0; i < lanes_.size() && !id; ++i) {
      const std::size_t lane = (turn_ + i) % lanes_.size();
      id = lanes_[lane].take([&](const std::string& address, const RecipientId& next) {
        return within_share(address) && (!strict || not_heard(next));
      });
      if (id) turn_ = (lane + 1) % lanes_.size();
    }
    if (id || !down) break;
  }
  if (!id) return false;
  Entry& entry = entries_.at(*id);
  entry.stand = Stand::sending;
  entry.relay = number;
  ++in_flight_;
  ++relay.in_flight;
  ++relay.per_address[entry.waiting.address];
  relay.pace.began(now_);
  actions_.emplace_back(
      Send{*id, entry.waiting.form, entry.waiting.audio && entry.waiting.form != Form::no_audio, number});
  return true;
}

}  // namespace sip2mail
