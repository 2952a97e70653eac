// gateway/sip/texts.hpp -- SIP MESSAGEs between their arrival and the commit that lets us say 202.
//
// SIP thread. Each is kept with its message, without a transaction, until the writer reports; a copy of a kept one is
// dropped (the answer comes), a later copy finds the same row. Memory is bounded by kMostKept and kMostBytes; beyond is
// 503.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "gateway/base/channel.hpp"
#include "gateway/base/log.hpp"
#include "gateway/config/settings.hpp"
#include "gateway/sip/endpoint.hpp"
#include "gateway/sip/queue_reports.hpp"
#include "src/routing/request.hpp"
#include "src/routing/resolve.hpp"

namespace sip2mail {

class Texts {
 public:
  static constexpr std::size_t kMostKept = 2000;
  static constexpr std::size_t kMostBytes = std::size_t{16} << 20;

  Texts(std::shared_ptr<const Settings> settings, Writer& writer, Channel<QueueReport>& reports, Log& log)
      : settings_{std::move(settings)}, writer_{writer}, reports_{reports}, log_{log} {}

  void adopt(std::shared_ptr<const Settings> settings) { settings_ = std::move(settings); }
  void receive(Arrival&& arrival, const Request& request, const Resolution& resolution);
  void on(const TextStored& report);
  [[nodiscard]] std::size_t kept() const { return kept_.size(); }

 private:
  struct Kept {
    Arrival arrival;
    DedupeKey key{};
    std::string mailbox;
    std::string call_id;
    std::size_t bytes = 0;
  };

  std::shared_ptr<const Settings> settings_;
  Writer& writer_;
  Channel<QueueReport>& reports_;
  Log& log_;
  std::uint64_t last_ticket_ = 0;
  std::size_t bytes_ = 0;  // of all that are kept
  std::map<std::uint64_t, Kept> kept_;
  std::set<DedupeKey> keys_;
};

}  // namespace sip2mail
