// gateway/delivery/delivery_events.hpp -- what the dispatcher's channel carries, and the jobs of its workers.
//
// Values that move between threads; what is shared in them is constant.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/queue/writer.hpp"
#include "src/delivery/reply.hpp"
#include "src/item.hpp"
#include "src/mail/compose.hpp"

namespace sip2mail {

struct PrepareJob {
  ItemId item;
  Form form = Form::whole;
  std::optional<std::filesystem::path> recording;
  bool wav = false;
  std::size_t max_mail = 0;  // 0: no limit
};

struct SendJob {
  Item item;
  std::size_t recipient = 0;  // index in item.recipients
  MailContent content;
  Look look;
  std::string sender;  // envelope
  int relay = 0;
  std::size_t worker = 0;
};

// --- what comes through the channel ---
struct QueueChanged {
  std::vector<Change> changes;
};
struct AudioReady {
  ItemId item;
  Form form = Form::whole;
  std::optional<Audio> audio;  // none: the mail says so
  std::string trouble;         // why it is not what was asked for
  bool failed = false;
};
struct MailSent {
  RecipientId id;
  int relay = 0;
  std::size_t worker = 0;
  Reply reply;
  bool unfit = false;  // the reply is ours: it was given to no relay
};
struct ResultCommitted {
  RecipientId id;
  State state = State::ready;  // of the item
};
struct ResultRefused {
  RecipientId id;
  std::string why;
};
struct ComposingCommitted {
  RecipientId id;
  int relay = 0;
  bool committed = false;
};
struct Swept {
  int count = 0;
};
struct AlertItem {
  Envelope envelope;
  std::string text;
};
struct AlertRefused {
  AlertItem alert;
  std::string why;
};
struct RelaysAsked {};
struct SettingsChanged {};
struct StopDelivery {};

using DeliveryEvent = std::variant<QueueChanged, AudioReady, MailSent, ResultCommitted, ResultRefused,
                                   ComposingCommitted, Swept, AlertRefused, RelaysAsked, SettingsChanged, StopDelivery>;

}  // namespace sip2mail
