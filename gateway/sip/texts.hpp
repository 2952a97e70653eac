// gateway/sip/texts.hpp -- SIP MESSAGEs between their arrival and the commit that lets us say 202.
//
// SIP thread. Each is kept with its message, without a transaction, until the writer reports. A repetition of a kept
// one is dropped (the answer comes); a copy over another path is kept beside it and answered the same; a later copy
// finds the same row. Memory is bounded by kMostKept and kMostBytes; beyond is 503.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

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
  static constexpr std::size_t kMostCopies = 8;  // of one text; beyond they are dropped

  struct Kept {
    std::vector<Arrival> arrivals;  // the first, and its copies over other paths
    DedupeKey key{};
    std::string mailbox;
    std::string call_id;
    std::size_t bytes = 0;
  };

  void keep_copy(Kept& kept, Arrival&& arrival);

  std::shared_ptr<const Settings> settings_;
  Writer& writer_;
  Channel<QueueReport>& reports_;
  Log& log_;
  std::uint64_t last_ticket_ = 0;
  std::size_t bytes_ = 0;  // of all that are kept
  std::map<std::uint64_t, Kept> kept_;
  std::map<DedupeKey, std::uint64_t> tickets_;
};

}  // namespace sip2mail
