// gateway/sip/gatekeeper.hpp -- every request that arrives outside transactions and dialogs: who, whether there is
// room, to which mailbox.
//
// SIP thread. Strangers get exactly one datagram and cost no memory; everything that is refused here is refused without
// a transaction (NTA's callback owns the message on every path).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "gateway/base/health.hpp"
#include "gateway/base/log.hpp"
#include "gateway/config/settings.hpp"
#include "gateway/sip/endpoint.hpp"
#include "src/routing/request.hpp"
#include "src/routing/resolve.hpp"
#include "src/routing/trust.hpp"

namespace sip2mail {

class Gatekeeper {
 public:
  using Admit = std::function<void(Arrival&&, const Request&, const Resolution&)>;
  struct Doors {
    Admit call;
    Admit text;
  };

  Gatekeeper(std::shared_ptr<const Settings> settings, const Health& health, Log& log, Doors doors);

  // From the next request on.
  void adopt(std::shared_ptr<const Settings> settings);

  void receive(Arrival&& arrival);
  // For requests inside dialogs, which do not come through receive().
  [[nodiscard]] bool trusts(const Address& source) const { return trust_.covers(source); }

 private:
  void refuse_stranger(Arrival&& arrival);
  void refuse(Arrival&& arrival, const Sentence& sentence);
  void admit(Arrival&& arrival, const Admit& door);

  std::shared_ptr<const Settings> settings_;
  const Health& health_;
  Log& log_;
  Doors doors_;
  Trust trust_;
  RateLimit rate_;
  RateLimit stranger_lines_{1};  // a flood must not become a flood of log lines
};

}  // namespace sip2mail
