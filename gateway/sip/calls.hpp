// gateway/sip/calls.hpp -- all calls: admits an INVITE, feeds each Call its events, carries out its actions.
//
// SIP thread. What a writer refused is submitted again each second, so a call ends only when its item is settled.
// Callbacks of the library never see an exception: it is logged, and the deadline of the call's
// state ends what it left.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "gateway/base/channel.hpp"
#include "gateway/base/log.hpp"
#include "gateway/config/settings.hpp"
#include "gateway/media/greetings.hpp"
#include "gateway/sip/endpoint.hpp"
#include "gateway/sip/live_call.hpp"
#include "gateway/sip/queue_reports.hpp"
#include "src/base/agenda.hpp"
#include "src/routing/request.hpp"
#include "src/routing/resolve.hpp"

namespace sip2mail {

class Calls {
 public:
  // The rooms that Calls speaks to; all outlive it.
  struct Rooms {
    Writer& writer;
    Channel<QueueReport>& reports;
    std::function<void(MediaOrder)> media;
    std::function<std::optional<PortPair>(const Address& local)> ports;
    std::function<Prompts(const LiveCall& call)> prompts;
    std::function<bool(const Address&)> trusts;
    std::function<void(std::optional<Instant>)> alarm;
    // How many calls may still need the disk, and how long all their recordings may become.
    std::function<void(std::size_t live, Delay longest)> count;
  };

  Calls(nta_agent_t* agent, std::shared_ptr<const Settings> settings, Rooms rooms, Log& log);
  ~Calls();

  // For calls that come from now on; those that run keep what they began with.
  void adopt(std::shared_ptr<const Settings> settings) { settings_ = std::move(settings); }
  void invite(Arrival&& arrival, const Request& request, const Resolution& resolution);
  void on(MediaReport report);
  void on(ItemOpened report);
  void on(const ItemSettled& report);
  void wake();

  // Second SIGTERM: every recording is sealed as it is, and what the disk does not take is left to the next start.
  void cut_off();
  [[nodiscard]] bool empty() const { return calls_.empty(); }

 private:
  friend struct DialogCallbacks;

  bool start_dialog(LiveCall& call, Arrival& arrival);
  void log_refused(const LiveCall& call, int status, std::string_view why);
  void feed(LiveCall& call, const call::Event& event);
  void carry_out(LiveCall& call, const call::Actions& actions);
  void open_item(LiveCall& call);
  void answer(LiveCall& call);
  void hang_up(LiveCall& call);
  void settle(LiveCall& call);
  void log_end(const LiveCall& call, const call::Action& how);
  void rearm(LiveCall& call);

  // dialog.cpp
  void on_ack(LiveCall& call, const sip_t& ack);
  int on_dialog(LiveCall& call, nta_incoming_t* incoming, const sip_t& sip);
  int on_new_description(LiveCall& call, nta_incoming_t* incoming, const sip_t& sip);
  void agree(LiveCall& call, const Answer& answer);

  LiveCall* find(CallId id);

  nta_agent_t* agent_;
  std::shared_ptr<const Settings> settings_;
  Rooms rooms_;
  Log& log_;
  std::uint64_t last_id_ = 0;
  std::map<CallId, std::unique_ptr<LiveCall>> calls_;
  Agenda<CallId> agenda_;
  std::size_t live_ = 0;
  Delay longest_{0};  // of the live ones together
  bool cutting_off_ = false;
};

}  // namespace sip2mail
