#include "gateway/delivery/mail_maker.hpp"

#include <algorithm>
#include <stdexcept>

#include "gateway/delivery/preparer.hpp"

namespace sip2mail {

Look make_look(const Settings& settings, const Item& item, const Zone& zone) {
  Look look{settings.mail.from, settings.mail.from_name, "", zone};
  const auto mailbox = std::find_if(settings.mailboxes.begin(), settings.mailboxes.end(),
                                    [&](const Mailbox& known) { return known.id == item.envelope.mailbox; });
  if (mailbox != settings.mailboxes.end()) look.mailbox_name = mailbox->name;
  return look;
}

std::string make_mail(const Settings& settings, const Item& item, const Recipient& recipient,
                      const StoredContent& content) {
  MailContent mail{content.parts, std::nullopt};
  if (item.envelope.kind == Kind::voicemail && recipient.form != Form::no_audio) {
    AudioReady ready =
        prepare({item.envelope.id, recipient.form, content.recording, settings.mail.wav, settings.mail.max_size});
    if (ready.failed) throw std::runtime_error{ready.trouble};
    mail.audio = std::move(ready.audio);
  }
  const Zone zone = Zone::load(settings.mail.timezone).value_or(Zone{});
  return compose(item, recipient, mail, make_look(settings, item, zone));
}

}  // namespace sip2mail
