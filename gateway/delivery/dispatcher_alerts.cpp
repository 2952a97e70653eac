// The half of Dispatcher that tells the administrator: an alert is an item like any other (alert.email).
#include "gateway/base/random.hpp"
#include "gateway/delivery/dispatcher.hpp"
#include "src/mail/alert_text.hpp"

namespace sip2mail {

void Dispatcher::tell(const alert::Event& event) {
  const std::vector<Notice> notices = alerts_.on(event, now_);
  const auto settings = settings_.read();
  if (settings->alert.email.empty()) return;
  for (const Notice& notice : notices) put(notice, *settings);
}

// An alert that could not be delivered is no news to be sent by mail: it stands in the log and in the queue.
void Dispatcher::tell_of_failure(const Record& result) {
  const auto item = due_.show(result.id.item, now_);
  if (!item || item->envelope.kind == Kind::alert) return;
  for (const Recipient& recipient : item->recipients) {
    if (recipient.id == result.id) tell(alert::ItemFailed{result.id.item, recipient.address, result.reply.text});
  }
}

void Dispatcher::put(const Notice& notice, const Settings& settings) {
  Envelope envelope;
  envelope.id = new_item_id(utc_);
  envelope.kind = Kind::alert;
  envelope.received = utc_;
  envelope.sender_domain = settings.mail.from.substr(settings.mail.from.rfind('@') + 1);
  envelope.recipients = settings.alert.email;
  const std::string text = alert_text(notice, settings.queue.directory.string(), zones_.find(settings.mail.timezone),
                                      utc_, wording_in(settings.mail.language));
  log_.info("alert.sent", {{"item", envelope.id.text()}, {"about", text.substr(0, text.find('\n'))}});
  writer_.submit([envelope, parts = std::vector<Part>{{"text/plain", "", text}},
                  utc = utc_](Store& store) { return store.put(envelope, parts, std::nullopt, utc); },
                 [&log = log_](const std::variant<Stored, Refused>& result) {
                   if (const auto* refused = std::get_if<Refused>(&result))
                     log.error("alert.refused", {{"reason", refused->why}});
                 });
}

}  // namespace sip2mail
