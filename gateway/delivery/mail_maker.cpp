#include "gateway/delivery/mail_maker.hpp"

#include <stdexcept>

#include "gateway/delivery/preparer.hpp"

namespace sip2mail {

const Zone& Zones::find(const std::string& name) {
  const auto found = zones_.find(name);
  return found != zones_.end() ? found->second : zones_.emplace(name, Zone::load(name).value_or(Zone{})).first->second;
}

Look make_look(const Settings& settings, const Item& item, Zones& zones) {
  static const Mailbox kGone;
  const Mailbox* known = find_mailbox(settings.mailboxes, item.envelope.mailbox);
  const Mailbox& mailbox = known == nullptr ? kGone : *known;
  const std::string& zone = mailbox.timezone.empty() ? settings.mail.timezone : mailbox.timezone;
  return {settings.mail.from, settings.mail.from_name, mailbox.name, zones.find(zone),
          mailbox.language.empty() ? settings.mail.language : mailbox.language};
}

bool goes_as_wav(const Settings& settings, const Item& item) {
  const Mailbox* mailbox = find_mailbox(settings.mailboxes, item.envelope.mailbox);
  return mailbox == nullptr ? settings.mail.wav : mailbox->wav.value_or(settings.mail.wav);
}

std::string make_mail(const Settings& settings, const Item& item, const Recipient& recipient,
                      const StoredContent& content) {
  MailContent mail{content.parts, std::nullopt};
  if (item.envelope.kind == Kind::voicemail && recipient.form != Form::no_audio) {
    AudioReady ready = prepare(
        {item.envelope.id, recipient.form, content.recording, goes_as_wav(settings, item), settings.mail.max_size});
    if (ready.failed) throw std::runtime_error{ready.trouble};
    mail.audio = std::move(ready.audio);
  }
  Zones zones;
  return compose(item, recipient, mail, make_look(settings, item, zones));
}

}  // namespace sip2mail
