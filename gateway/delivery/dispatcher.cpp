#include "gateway/delivery/dispatcher.hpp"

#include <algorithm>
#include <span>

#include "gateway/base/random.hpp"

namespace sip2mail {
namespace {

constexpr Delay kHour = 1h;
constexpr Delay kSweepSoon = 1s;       // content that is erased at once after its delivery
constexpr Delay kHurryAfter = 20s;     // after stop(), for a transaction that hangs
constexpr Delay kGiveUpAfter = 30s;    // and for results that the disk does not take: those mails go again
constexpr Delay kLookAtTheDisk = 30s;  // its health has no channel
constexpr int kSweepBatch = 500;

DispatchLimits limits_of(const Settings& settings) {
  DispatchLimits limits;
  limits.schedule = {settings.queue.retry, settings.queue.lifetime};
  for (const RelaySettings& relay : settings.relays)
    limits.relays.push_back({relay.connections, relay.probe, relay.max_per_minute});
  return limits;
}

}  // namespace

Dispatcher::Dispatcher(Writer& writer, const Board<Settings>& settings, const Health& health, Log& log)
    : writer_{writer},
      settings_{settings},
      health_{health},
      log_{log},
      begun_with_{settings.read()},
      events_{std::make_shared<Channel<DeliveryEvent>>()},
      hurry_{std::make_shared<std::atomic<bool>>(false)},
      due_{begun_with_->queue.directory, log} {
  begin_anew();
  writer_.listen([events = events_](std::span<const Change> changes) {
    events->push(QueueChanged{{changes.begin(), changes.end()}});
  });
}

Dispatcher::~Dispatcher() = default;

void Dispatcher::begin_anew() {
  lines_.clear();
  lines_.resize(begun_with_->relays.size());
  prepared_.clear();
  machine_.emplace(limits_of(*begun_with_));
  due_.from_the_beginning();
  status_.clear();
  for (const RelaySettings& relay : begun_with_->relays)
    status_.push_back({relay.name, relay.url, true, false, "", {}});
  statuses_.publish(status_);
}

void Dispatcher::stop() {
  events_->push(StopDelivery{});
}

void Dispatcher::ask_now() {
  events_->push(RelaysAsked{});
}

void Dispatcher::wake() {
  events_->push(SettingsChanged{});
}

std::optional<Instant> Dispatcher::step(Instant now, Timestamp utc) {
  now_ = now;
  utc_ = utc;
  for (DeliveryEvent& event : events_->drain()) std::visit([this](auto& it) { take(it); }, event);
  if (stopped_at_) {
    watch_the_end();
  } else {
    watch_the_settings();
    if (!changing_) read_due();
    hourly();
    tell(alert::Disk{health_.has(Health::disk_low)});
    submit_again();
  }
  feed(Tick{});
  std::optional<Instant> next = machine_->deadline();
  const auto sooner = [&next](std::optional<Instant> other) {
    if (other && (!next || *other < *next)) next = other;
  };
  if (stopped_at_) {
    sooner(now_ < *stopped_at_ + kHurryAfter ? *stopped_at_ + kHurryAfter : *stopped_at_ + kGiveUpAfter);
  } else {
    if (!changing_) sooner(due_.deadline(now_, utc_));
    sooner(hourly_at_);
    sooner(sweep_at_);
    sooner(alerts_.deadline());
    sooner(alerts_again_at_);
    if (!begun_with_->alert.email.empty()) sooner(now_ + kLookAtTheDisk);
  }
  return next;
}

// Actions may end in events: those wait until the actions before them are done.
void Dispatcher::feed(DispatchEvent event) {
  pending_.push_back(std::move(event));
  if (feeding_) return;
  feeding_ = true;
  try {
    while (!pending_.empty()) {
      const DispatchEvent next = std::move(pending_.front());
      pending_.pop_front();
      for (const DispatchAction& action : machine_->on(next, now_)) attempt(action);
    }
  } catch (...) {
    feeding_ = false;
    throw;
  }
  feeding_ = false;
  for (const ItemId& id : std::exchange(looks_, {})) look(id);
}

// Without memory, a thread or a descriptor for it the machine is told so: else it would wait for the answer for ever.
void Dispatcher::attempt(const DispatchAction& action) {
  try {
    std::visit([this](const auto& it) { carry_out(it); }, action);
  } catch (const std::exception& error) {
    log_.error("delivery.trouble", {{"reason", error.what()}});
    if (const auto* prepare = std::get_if<Prepare>(&action))
      feed(PrepareFailed{prepare->item, prepare->form, error.what(), random_fraction()});
    if (const auto* send = std::get_if<Send>(&action)) feed(Unsent{send->id});
    if (const auto* record = std::get_if<Record>(&action)) feed(RecordRefused{record->id});
  }
}

double Dispatcher::random_fraction() {
  return static_cast<double>(random_number<std::uint32_t>()) / 4294967296.0;
}

void Dispatcher::take(QueueChanged& event) {
  if (stopped_at_) return;
  std::set<ItemId> ready;  // in the order in which they came: ULIDs rise
  for (const Change& change : event.changes) {
    if (change.state == State::ready && !change.gone) {
      ready.insert(change.id);
    } else {
      ready.erase(change.id);
      feed(Gone{change.id});
    }
  }
  for (const ItemId& id : ready) look(id);
}

void Dispatcher::look(const ItemId& id) {
  if (changing_ || machine_->room(true) == 0 || !due_.readable()) {
    due_.overflowed();
    return;
  }
  const auto item = due_.show(id, now_);
  if (!item) return;
  for (const Recipient& recipient : item->recipients) {
    if (recipient.state != RecipientState::waiting || !recipient.not_before) continue;
    if (*recipient.not_before > utc_) {
      due_.due_at(*recipient.not_before);
      continue;
    }
    Waiting waiting = DueReader::waiting(*item, recipient, now_, utc_);
    if (machine_->room(waiting.fresh) == 0) {
      due_.overflowed();
    } else {
      feed(std::move(waiting));
    }
  }
}

void Dispatcher::read_due() {
  due_.read(
      now_, utc_, [this] { return machine_->room(false); },
      [this](Waiting waiting) {
        if (waiting.fresh && machine_->room(true) == 0) waiting.fresh = false;
        feed(std::move(waiting));
      });
}

void Dispatcher::take(AudioReady& event) {
  --preparing_;
  if (!event.trouble.empty()) log_.warning("delivery.audio", {{"item", event.item.text()}, {"reason", event.trouble}});
  if (event.failed) {
    feed(PrepareFailed{event.item, event.form, event.trouble, random_fraction()});
    return;
  }
  prepared_.insert_or_assign({event.item, event.form}, std::move(event.audio));
  feed(Prepared{event.item, event.form});
}

void Dispatcher::take(MailSent& event) {
  auto& idle = lines_[static_cast<std::size_t>(event.relay)].idle;
  // Only a mail that was taken leaves its connection open: a relay with few of them may have no other for us.
  idle.insert(event.unfit || event.reply.stage == Stage::accepted ? idle.end() : idle.begin(), event.worker);
  RelayStatus& status = status_[static_cast<std::size_t>(event.relay)];
  if (event.reply.stage == Stage::accepted && status.up && !status.reply.empty()) {  // it had wanted less
    status.reply.clear();
    statuses_.publish(status_);
    tell(alert::RelayUp{status.name});
  }
  if (event.unfit) {
    feed(Unfit{event.id, std::move(event.reply), random_fraction()});
  } else {
    feed(Replied{event.id, std::move(event.reply), random_fraction()});
  }
}

void Dispatcher::take(ResultCommitted& event) {
  if (const auto found = results_.find(event.id); found != results_.end()) {
    log_result(found->second);
    if (event.state == State::failed) tell_of_failure(event.id.item);
    if (found->second.as == Record::As::done && settings_.read()->queue.keep_delivered == Delay{0} && !sweep_at_)
      sweep_at_ = now_ + kSweepSoon;
    results_.erase(found);
  }
  feed(Recorded{event.id});
}

void Dispatcher::take(ResultRefused& event) {
  log_.error("queue.refused", {{"item", event.id.item.text()}, {"reason", event.why}});
  feed(RecordRefused{event.id});
}

void Dispatcher::take(RelaysAsked&) {
  feed(AskNow{});
}

void Dispatcher::take(SettingsChanged&) {}  // it has woken us: the step looks at the board

void Dispatcher::take(StopDelivery&) {
  if (stopped_at_) return;
  stopped_at_ = now_;
  feed(Stop{});
}

void Dispatcher::watch_the_end() {
  over_ = machine_->settled();
  if (over_) return;
  if (now_ >= *stopped_at_ + kHurryAfter) hurry_->store(true, std::memory_order_relaxed);
  if (now_ < *stopped_at_ + kGiveUpAfter || !machine_->only_records_left()) return;
  over_ = true;
  log_.error("delivery.unrecorded", {{"count", std::to_string(results_.size())},
                                     {"reason", "the queue takes no results: these mails will be sent again"}});
}

// Other relays or another schedule: what is in hand ends with the old ones, then all begins as at a start. The queue on
// disk holds the rest, so there is nothing to carry over.
void Dispatcher::watch_the_settings() {
  auto latest = settings_.read();
  if (latest == begun_with_) return;
  const bool other = latest->relays != begun_with_->relays || latest->queue.retry != begun_with_->queue.retry ||
                     latest->queue.lifetime != begun_with_->queue.lifetime;
  if (!other && !changing_) {
    begun_with_ = std::move(latest);
    return;
  }
  if (!std::exchange(changing_, true)) feed(Stop{});
  if (!machine_->settled() || preparing_ > 0) return;
  changing_ = false;
  begun_with_ = std::move(latest);
  hourly_at_.reset();
  begin_anew();
  tell(alert::OtherRelays{});
}

void Dispatcher::hourly() {
  if (!hourly_at_ || now_ >= *hourly_at_) {
    hourly_at_ = now_ + kHour;
    if (settings_.read()->relay_is_set) {
      sweep_at_ = now_;
    } else {
      log_unset_relay();
    }
  }
  if (sweep_at_ && now_ >= *sweep_at_) {
    sweep_at_.reset();
    sweep();
  }
}

// While the built-in Maildir stands in for a relay its content is kept whole: it may have to be sent again.
void Dispatcher::sweep() {
  const auto settings = settings_.read();
  if (sweeping_ || !settings->relay_is_set) return;
  sweeping_ = true;
  writer_.submit([keep = Store::Keep{settings->queue.keep_delivered, settings->queue.keep_failed},
                  utc = utc_](Store& store) { return store.sweep(keep, utc, kSweepBatch); },
                 [events = events_](std::variant<int, Refused> swept) {
                   events->push(Swept{std::holds_alternative<int>(swept) ? std::get<int>(swept) : 0});
                 });
}

void Dispatcher::take(Swept& event) {
  sweeping_ = false;
  if (event.count > 0 && !stopped_at_) sweep();
}

}  // namespace sip2mail
