// gateway/delivery/mail_maker.hpp -- an item as the bytes of its mail, made at once: for `queue export` and the API.
//
// Any thread; reads and encodes the recording itself, which may take a second of CPU. Throws what the machine says.
#pragma once

#include <map>
#include <string>

#include "gateway/config/settings.hpp"
#include "gateway/queue/reader.hpp"
#include "src/mail/compose.hpp"

namespace sip2mail {

// Time zones by name, each read once; "" is the system's, an unknown one UTC. Of one thread.
class Zones {
 public:
  [[nodiscard]] const Zone& find(const std::string& name);

 private:
  std::map<std::string, Zone> zones_;
};

// How mails of this item look today: its mailbox may be gone from the configuration, then as the gateway's do.
[[nodiscard]] Look make_look(const Settings& settings, const Item& item, Zones& zones);
// Whether its recording goes as WAV today, else as MP3.
[[nodiscard]] bool goes_as_wav(const Settings& settings, const Item& item);

// As it would be sent to this recipient.
[[nodiscard]] std::string make_mail(const Settings& settings, const Item& item, const Recipient& recipient,
                                    const StoredContent& content);

}  // namespace sip2mail
