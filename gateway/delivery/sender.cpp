#include "gateway/delivery/sender.hpp"

#include "src/base/text.hpp"

namespace sip2mail {

MailSent Sender::send(const SendJob& job) {
  const Recipient& recipient = job.item.recipients[job.recipient];
  MailSent sent{recipient.id, job.relay, job.worker, {}, false};
  const auto unfit = [&](int code, const std::string& words) {
    sent.unfit = true;
    sent.reply = Reply{Stage::rcpt, code, printable(words), settings_.name, false};
    return sent;
  };
  if (!is_envelope_address(recipient.address))
    return unfit(501, "501 5.1.3 not sent: the recipient's address cannot stand in an SMTP envelope");
  Mail mail{job.sender, recipient.address, nullptr, recipient.id.item.text() + "." + std::to_string(recipient.id.n)};
  try {
    mail.bytes = std::make_shared<const std::string>(compose(job.item, recipient, job.content, job.look));
  } catch (const std::exception& error) {
    return unfit(451, std::string{"451 4.3.0 not sent, the mail could not be composed: "} + error.what());
  }
  try {
    if (!relay_) relay_ = make_relay(settings_, directory_, hurry_);
    sent.reply = relay_->send(mail);
  } catch (const std::exception& error) {  // the machine's trouble, not the item's: as a relay that is not to be had
    relay_.reset();
    sent.reply = Reply{Stage::connect, 0, printable(error.what()), settings_.name, false};
  }
  return sent;
}

}  // namespace sip2mail
