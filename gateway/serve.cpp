#include "gateway/serve.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <system_error>

#include "gateway/base/address_changes.hpp"
#include "gateway/base/board.hpp"
#include "gateway/base/clock.hpp"
#include "gateway/base/health.hpp"
#include "gateway/base/signals.hpp"
#include "gateway/base/sockets.hpp"
#include "gateway/delivery/dispatcher_thread.hpp"
#include "gateway/delivery/mail_maker.hpp"
#include "gateway/media/disk_sync.hpp"
#include "gateway/media/greetings.hpp"
#include "gateway/media/media_pool.hpp"
#include "gateway/queue/writer.hpp"
#include "gateway/reload.hpp"
#include "gateway/sip/calls.hpp"
#include "gateway/sip/endpoint.hpp"
#include "gateway/sip/gatekeeper.hpp"
#include "gateway/sip/loop.hpp"
#include "gateway/sip/texts.hpp"
#include "gateway/web/api.hpp"
#include "gateway/web/server.hpp"

namespace sip2mail {
namespace {

// A call holds two sockets and a file; everybody else together some dozens.
void raise_file_limit(const Settings& settings, Log& log) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const auto needed = static_cast<rlim_t>(settings.sip.max_calls) * 3 + 500;
  if (limit.rlim_cur >= needed) return;
  log.warning("limits", {{"reason", "the limit of open files, " + std::to_string(limit.rlim_cur) +
                                        ", is too low for sip.max-calls = " + std::to_string(settings.sip.max_calls)},
                         {"remedy", "raise it to " + std::to_string(needed) + " (ulimit -n, LimitNOFILE=)"}});
}

RecoverLimits recover_limits(const Settings& settings) {
  RecoverLimits limits{.min_length = settings.call.min_length, .longest_wait = 10min};
  for (const Delay step : settings.queue.retry) limits.longest_wait = std::max(limits.longest_wait, 2 * step);
  return limits;
}

// Where sound would come back to ourselves: also by way of what we announce.
OwnMedia own_media(const Settings& settings) {
  OwnMedia own{local_addresses(), settings.media.ports.first, settings.media.ports.last};
  for (const Endpoint& outside : settings.sip.public_addresses) own.addresses.push_back(outside.address);
  return own;
}

std::string relay_urls(const Settings& settings) {
  std::string urls;
  for (const RelaySettings& relay : settings.relays) urls += (urls.empty() ? "" : ",") + relay.url;
  return urls;
}

// Holds its lines until `started`.
struct HeldLog : Log {
  HeldLog(LogFormat format, Level least) : Log{format, least} { hold(); }
};

// Everything that lives while the gateway runs, in the order in which it comes; it goes in the reverse order.
class Gateway {
 public:
  Gateway(const Loaded& loaded, std::function<Loaded()> load_again);
  void run();

 private:
  void on_signal();
  void on_media();
  void on_queue();
  void on_reload();
  void on_addresses();
  void stop_when_idle();
  Calls::Rooms rooms_of_calls();

  std::shared_ptr<const Settings> settings_;  // in force: main's own, the others read the board
  Signals signals_;                           // before any thread
  HeldLog log_;
  Health health_;
  Board<Settings> board_;
  std::shared_ptr<const Greetings> greetings_;
  Reloader reloader_;
  Channel<MediaReport> media_reports_;
  Channel<QueueReport> queue_reports_;
  std::atomic<std::size_t> live_calls_{0};
  std::atomic<std::uint64_t> seconds_to_record_{0};

  Writer writer_;
  MediaPool media_;
  DiskSync disk_;
  DiskSyncThread disk_thread_;
  Dispatcher dispatcher_;
  DispatcherThread dispatcher_thread_;

  SipLoop loop_;
  AddressChanges address_changes_;  // before the first address is listened on: none is missed
  SipEndpoint endpoint_;
  PortPool ports_;
  Calls calls_;
  Texts texts_;
  Gatekeeper gatekeeper_;
  Api api_;
  Server control_;
  bool draining_ = false;
};

Gateway::Gateway(const Loaded& loaded, std::function<Loaded()> load_again)
    : settings_{std::make_shared<const Settings>(loaded.settings)},
      log_{settings_->log.format, settings_->log.level},
      board_{*settings_},
      greetings_{std::make_shared<const Greetings>(*settings_)},
      reloader_{loaded, std::move(load_again)},
      writer_{{settings_->queue.directory, recover_limits(*settings_)}, health_, log_},
      media_{MediaPool::usual_threads(), own_media(*settings_), media_reports_, health_},
      disk_{disk_of(settings_->queue.directory),
            {settings_->queue.min_free, [this] { return media_.recorder().take_dirty(); },
             [this] {
               // What running calls may still write: PCM16 at 8 kHz up to the longest of each.
               return seconds_to_record_.load(std::memory_order_relaxed) * 16000;
             }},
            health_},
      disk_thread_{disk_},
      dispatcher_{writer_, board_, health_, log_},
      dispatcher_thread_{dispatcher_, log_},
      endpoint_{loop_, *settings_, [this](const Address& address) { return gatekeeper_.trusts(address); }, log_},
      ports_{settings_->media.ports},
      calls_{endpoint_.agent(), settings_, rooms_of_calls(), log_},
      texts_{settings_, writer_, queue_reports_, log_},
      gatekeeper_{settings_,
                  health_,
                  log_,
                  {[this](Arrival&& arrival, const Request& request, const Resolution& resolution) {
                     calls_.invite(std::move(arrival), request, resolution);
                   },
                   [this](Arrival&& arrival, const Request& request, const Resolution& resolution) {
                     texts_.receive(std::move(arrival), request, resolution);
                   }}},
      api_{settings_->queue.directory,
           writer_,
           health_,
           [this](const Item& item, const Recipient& recipient, const StoredContent& content) {
             return make_mail(*board_.read(), item, recipient, content);
           },
           {[this] { return *dispatcher_.relays(); }, [this] { dispatcher_.ask_now(); }}},
      control_{control_socket(settings_->queue.directory),
               [this](const ApiRequest& request) { return api_.answer(request); }} {
  raise_file_limit(*settings_, log_);
  endpoint_.on_arrival([this](Arrival&& arrival) { gatekeeper_.receive(std::move(arrival)); });
  loop_.watch(signals_.fd(), [this] { on_signal(); });
  loop_.watch(media_reports_.fd(), [this] { on_media(); });
  loop_.watch(queue_reports_.fd(), [this] { on_queue(); });
  loop_.watch(reloader_.fd(), [this] { on_reload(); });
  if (address_changes_.fd() >= 0) loop_.watch(address_changes_.fd(), [this] { on_addresses(); });
  loop_.on_alarm([this] {
    calls_.wake();
    stop_when_idle();
  });
}

Calls::Rooms Gateway::rooms_of_calls() {
  return {.writer = writer_,
          .reports = queue_reports_,
          .media = [this](MediaOrder order) { media_.order(std::move(order)); },
          .ports = [this](const Address& local) { return ports_.take(local); },
          .prompts =
              [this](const LiveCall& call) {
                return greetings_->choose(*call.settings, call.mailbox, call.envelope.reason, call.plan.codec);
              },
          .trusts = [this](const Address& address) { return gatekeeper_.trusts(address); },
          .alarm = [this](std::optional<Instant> when) { loop_.set_alarm(when); },
          .count =
              [this](std::size_t live, Delay longest) {
                live_calls_.store(live, std::memory_order_relaxed);
                seconds_to_record_.store(
                    static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(longest).count()),
                    std::memory_order_relaxed);
              }};
}

void Gateway::run() {
  log_.started({{"sip", endpoint_.listening()},
                {"web", ""},
                {"version", SIP2MAIL_VERSION},
                {"queue", settings_->queue.directory.string()},
                {"relay", relay_urls(*settings_)}});
  loop_.run();
  // Nobody new comes any more. Mail in hand ends, its results are committed; then everything goes in reverse order.
  dispatcher_thread_.stop();
  log_.info("stopped");
}

void Gateway::on_signal() {
  const Signals::Taken taken = signals_.take();
  if (taken.reload) reloader_.ask();
  if (taken.stop == 0) return;
  if (draining_ || taken.stop > 1) calls_.cut_off();
  if (!draining_) {
    draining_ = true;
    health_.set(Health::draining, true);
    log_.info("stopping", {{"calls", std::to_string(live_calls_.load())}});
  }
  stop_when_idle();
}

void Gateway::on_media() {
  for (const MediaReport& report : media_reports_.drain()) calls_.on(report);
  stop_when_idle();
}

void Gateway::on_queue() {
  for (QueueReport& report : queue_reports_.drain()) {
    if (auto* opened = std::get_if<ItemOpened>(&report)) calls_.on(std::move(*opened));
    if (const auto* settled = std::get_if<ItemSettled>(&report)) calls_.on(*settled);
    if (const auto* stored = std::get_if<TextStored>(&report)) texts_.on(*stored);
  }
  stop_when_idle();
}

void Gateway::on_reload() {
  for (Reloaded& next : reloader_.take()) {
    for (const std::string& warning : next.warnings) log_.warning("config", {{"reason", warning}});
    if (!next.settings) {
      for (const std::string& error : next.errors) log_.error("reload.refused", {{"reason", error}});
      continue;
    }
    settings_ = std::move(next.settings);
    greetings_ = std::move(next.greetings);
    board_.publish(*settings_);
    gatekeeper_.adopt(settings_);
    calls_.adopt(settings_);
    texts_.adopt(settings_);
    dispatcher_.wake();
    log_.set_level(settings_->log.level);
    for (const std::string& option : next.need_restart)
      log_.warning("reload.restart", {{"option", option}, {"reason", "it is read at the start only: restart"}});
    log_.info("reload.done",
              {{"mailboxes", std::to_string(settings_->mailboxes.size())}, {"relay", relay_urls(*settings_)}});
  }
}

void Gateway::on_addresses() {
  address_changes_.drain();
  try {
    endpoint_.follow(local_addresses());
  } catch (const std::system_error& error) {  // no descriptor is left, say: no reason to end
    log_.error("sip.not-listening",
               {{"reason", error.what()}, {"remedy", "restart, if addresses of ours do not answer"}});
  }
}

void Gateway::stop_when_idle() {
  if (draining_ && calls_.empty() && texts_.kept() == 0) loop_.stop();
}

}  // namespace

int serve(const Loaded& loaded, std::function<Loaded()> load_again) {
  Gateway{loaded, std::move(load_again)}.run();
  return 0;
}

}  // namespace sip2mail
