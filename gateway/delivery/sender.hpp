// gateway/delivery/sender.hpp -- composes one mail and gives it to the relay: the work of one sender's thread.
//
// Owns its Relay, made on its own thread at the first mail. Turns every failure into a MailSent.
#pragma once

#include <filesystem>
#include <memory>

#include "gateway/config/settings.hpp"
#include "gateway/delivery/delivery_events.hpp"
#include "gateway/relay/make_relay.hpp"

namespace sip2mail {

class Sender {
 public:
  Sender(RelaySettings settings, std::filesystem::path queue_directory, Hurry hurry)
      : settings_{std::move(settings)}, directory_{std::move(queue_directory)}, hurry_{std::move(hurry)} {}
  [[nodiscard]] MailSent send(const SendJob& job);

 private:
  const RelaySettings settings_;
  const std::filesystem::path directory_;
  const Hurry hurry_;
  std::unique_ptr<Relay> relay_;
};

}  // namespace sip2mail
