// The half of Dispatcher that tells the administrator: an alert is an item like any other (alert.email).
#include "gateway/base/random.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "src/mail/alert_text.hpp"

namespace sip2mail {
namespace {

constexpr Delay kAlertsAgain = 10s;  // what the disk did not take

}  // namespace

void Dispatcher::tell(const alert::Event& event) {
  const auto settings = settings_.read();
  if (settings->alert.email.empty()) {
    alerts_ = {};  // who is named later is told of what is so then
    return;
  }
  for (const Notice& notice : alerts_.on(event, now_)) put(notice, *settings);
}

// Of all its recipients that failed, whoever's result ended the item. An alert that could not be delivered is no news
// to be sent by mail: it stands in the log and in the queue.
void Dispatcher::tell_of_failure(const ItemId& id) {
  const auto item = due_.show(id, now_);
  if (!item || item->envelope.kind == Kind::alert) return;
  for (const Recipient& recipient : item->recipients) {
    if (recipient.state == RecipientState::failed) tell(alert::ItemFailed{id, recipient.address, recipient.reply});
  }
}

void Dispatcher::put(const Notice& notice, const Settings& settings) {
  Envelope envelope;
  envelope.id = new_item_id(utc_);
  envelope.kind = Kind::alert;
  envelope.received = utc_;
  envelope.sender_domain = settings.mail.from.substr(settings.mail.from.find('@') + 1);
  envelope.recipients = settings.alert.email;
  const std::string text = alert_text(notice, settings.queue.directory.string(), zones_.find(settings.mail.timezone),
                                      utc_, wording_in(settings.mail.language));
  log_.info("alert.sent", {{"item", envelope.id.text()}, {"about", text.substr(0, text.find('\n'))}});
  submit({std::move(envelope), text});
}

void Dispatcher::submit(AlertItem alert) {
  writer_.submit(
      [alert, utc = utc_](Store& store) {
        return store.put(alert.envelope, std::vector<Part>{{"text/plain", "", alert.text}}, std::nullopt, utc);
      },
      [events = events_, alert](std::variant<Stored, Refused> result) {
        if (auto* refused = std::get_if<Refused>(&result)) events->push(AlertRefused{alert, std::move(refused->why)});
      });
}

void Dispatcher::take(AlertRefused& event) {
  log_.error("alert.refused", {{"item", event.alert.envelope.id.text()}, {"reason", event.why}});
  refused_alerts_.push_back(std::move(event.alert));
  if (!alerts_again_at_) alerts_again_at_ = now_ + kAlertsAgain;
}

void Dispatcher::submit_again() {
  if (!alerts_again_at_ || now_ < *alerts_again_at_) return;
  alerts_again_at_.reset();
  for (AlertItem& alert : std::exchange(refused_alerts_, {})) submit(std::move(alert));
}

}  // namespace sip2mail
