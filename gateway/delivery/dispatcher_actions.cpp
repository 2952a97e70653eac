// The half of Dispatcher that does what Dispatch asks for.
#include <algorithm>
#include <numeric>

#include "gateway/delivery/dispatcher.hpp"
#include "gateway/delivery/preparer.hpp"
#include "gateway/delivery/sender.hpp"

namespace sip2mail {
namespace {

constexpr Delay kLate = 3h;  // beyond it a Date in the past looks like spam, and the mail carries its own moment

std::string number(int value) {
  return std::to_string(value);
}

}  // namespace

void Dispatcher::carry_out(const Prepare& action) {
  const auto content = due_.content(action.item, now_);
  const auto item = due_.show(action.item, now_);
  if ((!content || !item) && !due_.readable()) {
    feed(PrepareFailed{action.item, action.form, "the queue cannot be read", random_fraction()});
    return;
  }
  if (preparers_.empty()) {
    // Half the cores: calls come first, and texts do not need them.
    const unsigned count = std::max(1U, std::thread::hardware_concurrency() / 2);
    for (unsigned i = 0; i < count; ++i) {
      preparers_.push_back(std::make_unique<Preparers>(
          [nice = false](const PrepareJob& job) mutable -> DeliveryEvent {
            if (!std::exchange(nice, true)) become_nice();
            return prepare(job);
          },
          *events_));
    }
  }
  const auto settings = settings_.read();
  ++preparing_;
  preparers_[next_preparer_++ % preparers_.size()]->give(
      {action.item, action.form, content ? content->recording : std::nullopt,
       item ? goes_as_wav(*settings, *item) : settings->mail.wav, settings->mail.max_size});
}

void Dispatcher::carry_out(const Forget& action) {
  prepared_.erase({action.item, action.form});
}

void Dispatcher::carry_out(const Send& action) {
  auto item = due_.show(action.id.item, now_);
  if (!item) {
    if (due_.readable()) {
      feed(Vanished{action.id});
    } else {
      feed(Unsent{action.id});
    }
    return;
  }
  const auto found = std::find_if(item->recipients.begin(), item->recipients.end(),
                                  [&](const Recipient& recipient) { return recipient.id == action.id; });
  if (found == item->recipients.end() || found->state != RecipientState::waiting || !found->not_before) {
    feed(Vanished{action.id});  // held, or taken by someone else, since it was read
    return;
  }
  const Timestamp date = item->began.value_or(item->envelope.received);
  if (utc_ - date > kLate && !found->composed) {
    composing_.insert_or_assign(action.id, action);
    writer_.submit([id = action.id, utc = utc_](Store& store) { store.composing(id, utc); },
                   [events = events_, id = action.id](const std::variant<Nothing, Refused>& result) {
                     events->push(ComposingCommitted{id, 0, std::holds_alternative<Nothing>(result)});
                   });
    return;
  }
  const auto index = static_cast<std::size_t>(found - item->recipients.begin());
  give(action, std::move(*item), index);
}

void Dispatcher::take(ComposingCommitted& event) {
  const auto found = composing_.find(event.id);
  if (found == composing_.end()) return;
  const Send action = found->second;
  composing_.erase(found);
  if (event.committed && !stopped_at_) {
    attempt(action);
  } else {
    feed(Unsent{event.id});
  }
}

void Dispatcher::give(const Send& action, Item item, std::size_t recipient) {
  const auto settings = settings_.read();
  SendJob job;
  if (item.envelope.kind == Kind::voicemail) {
    const auto prepared = prepared_.find({action.id.item, action.form});
    if (action.audio && prepared != prepared_.end()) job.content.audio = prepared->second;
  } else if (item.envelope.kind != Kind::missed) {
    auto content = due_.content(action.id.item, now_);
    if (!content) {
      feed(Unsent{action.id});
      return;
    }
    job.content.parts = std::move(content->parts);
  }
  job.look = make_look(*settings, item, zones_);
  job.sender = settings->mail.envelope_from.empty() ? settings->mail.from : settings->mail.envelope_from;
  job.item = std::move(item);
  job.recipient = recipient;
  job.relay = action.relay;
  Lines& lines = lines_[static_cast<std::size_t>(action.relay)];
  if (lines.idle.empty()) {
    const auto sender = std::make_shared<Sender>(begun_with_->relays[static_cast<std::size_t>(action.relay)],
                                                 begun_with_->queue.directory, hurry_);
    lines.all.push_back(std::make_unique<Senders>(
        [sender](const SendJob& mail) -> DeliveryEvent { return sender->send(mail); }, *events_));
    lines.idle.push_back(lines.all.size() - 1);
  }
  // The one whose connection is the youngest: the others may grow old, and some have none.
  const std::size_t worker = lines.idle.back();
  lines.idle.pop_back();
  job.worker = worker;
  lines.all[worker]->give(std::move(job));
}

void Dispatcher::carry_out(const Record& action) {
  results_.insert_or_assign(action.id, action);
  writer_.submit(
      [result = action, utc = utc_, fallback = settings_.read()->mail.fallback](Store& store) {
        switch (result.as) {
          case Record::As::defer:
            return store.defer(result.id, result.reply, result.delay, utc);
          case Record::As::fail:
            return store.fail(result.id, result.reply, fallback, utc);
          case Record::As::shrink:
            return store.shrink(result.id, result.reply, result.form, utc);
          case Record::As::done:
            break;
        }
        return store.done(result.id, result.reply, utc);
      },
      [events = events_, id = action.id](std::variant<State, Refused> result) {
        if (auto* refused = std::get_if<Refused>(&result)) {
          events->push(ResultRefused{id, std::move(refused->why)});
        } else {
          events->push(ResultCommitted{id, std::get<State>(result)});
        }
      });
}

void Dispatcher::carry_out(const LookAgain& action) {
  if (!stopped_at_) looks_.push_back(action.item);  // when the machine has forgotten it
}

// Until each step of relay.probe was tried in vain.
Delay Dispatcher::patience_with(int relay) const {
  const auto& steps = begun_with_->relays[static_cast<std::size_t>(relay)].probe;
  return std::accumulate(steps.begin(), steps.end(), Delay{0});
}

void Dispatcher::carry_out(const RelayDown& action) {
  RelayStatus& status = status_[static_cast<std::size_t>(action.relay)];
  status.up = false;
  status.configuration = action.configuration;
  status.reply = action.reply.text;
  status.since = utc_;
  statuses_.publish(status_);
  log_.warning("relay.down", {{"relay", status.name},
                              {"reason", action.configuration ? "configuration" : "unavailable"},
                              {"stage", std::string{to_text(action.reply.stage)}},
                              {"code", number(action.reply.code)},
                              {"reply", action.reply.text}});
  tell(alert::RelayDown{status.name, status.url, action.configuration, action.reply.text,
                        action.reply.stage < Stage::rcpt, patience_with(action.relay)});
}

void Dispatcher::carry_out(const RelayStillDown& action) {
  const RelayStatus& status = status_[static_cast<std::size_t>(action.relay)];
  tell(alert::RelayDown{status.name, status.url, action.configuration, action.reply.text,
                        action.reply.stage < Stage::rcpt, patience_with(action.relay)});
}

void Dispatcher::carry_out(const RelayUp& action) {
  RelayStatus& status = status_[static_cast<std::size_t>(action.relay)];
  const auto down = std::chrono::floor<std::chrono::seconds>(utc_ - status.since);
  status = {status.name, status.url, true, false, "", utc_};
  statuses_.publish(status_);
  log_.info("relay.up", {{"relay", status.name}, {"down", to_duration(down)}});
  tell(alert::RelayUp{status.name});
}

void Dispatcher::carry_out(const RelaySlower& action) {
  RelayStatus& status = status_[static_cast<std::size_t>(action.relay)];
  if (status.reply.empty()) status.since = utc_;
  status.reply = action.reply.text;
  statuses_.publish(status_);
  tell(alert::RelayDown{status.name, status.url, false, action.reply.text, true, patience_with(action.relay)});
  log_.warning("relay.throttled", {{"relay", status.name},
                                   {"connections", number(action.connections)},
                                   {"gap", to_duration(action.gap)},
                                   {"code", number(action.reply.code)},
                                   {"reply", action.reply.text}});
}

void Dispatcher::log_result(const Record& result) {
  const std::string item = result.id.item.text();
  const std::string n = number(result.id.n);
  const std::string code = number(result.reply.code);
  switch (result.as) {
    case Record::As::done:
      log_.info(
          "delivery.done",
          {{"item", item}, {"n", n}, {"relay", result.reply.relay}, {"code", code}, {"reply", result.reply.text}});
      break;
    case Record::As::defer:
      log_.info("delivery.deferred", {{"item", item},
                                      {"n", n},
                                      {"relay", result.reply.relay},
                                      {"code", code},
                                      {"reply", result.reply.text},
                                      {"verdict", std::string{to_text(result.verdict)}},
                                      {"next_try", to_utc(utc_ + result.delay)}});
      break;
    case Record::As::fail:
      log_.warning(
          "delivery.failed",
          {{"item", item}, {"n", n}, {"relay", result.reply.relay}, {"code", code}, {"reply", result.reply.text}});
      break;
    case Record::As::shrink:
      log_.info("delivery.smaller", {{"item", item},
                                     {"n", n},
                                     {"relay", result.reply.relay},
                                     {"code", code},
                                     {"reply", result.reply.text},
                                     {"form", result.form == Form::smaller ? "smaller" : "without audio"}});
      break;
  }
}

void Dispatcher::log_unset_relay() {
  const std::string where = begun_with_->relays.empty() ? "" : begun_with_->relays.front().url;
  log_.warning("relay.unset",
               {{"reason", "relay.url is not set: mail goes to " + where +
                               " only; set it to where mail is to go, as in relay.url = smtp://mail.example.com:25"}});
}

}  // namespace sip2mail
