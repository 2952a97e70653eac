// gateway/delivery/dispatcher.hpp -- carries out what Dispatch asks: reads the queue, prepares, sends, commits results.
//
// Owned by the dispatcher's thread (dispatcher_thread.hpp), which calls step(); everybody else only posts events. The
// Writer must outlive it. What the queue's disk refuses is kept and asked again; an exception out of step() is the
// machine's (memory), and the next step goes on where this one ended.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/base/board.hpp"
#include "gateway/base/channel.hpp"
#include "gateway/base/health.hpp"
#include "gateway/base/log.hpp"
#include "gateway/base/worker.hpp"
#include "gateway/config/settings.hpp"
#include "gateway/delivery/delivery_events.hpp"
#include "gateway/delivery/due_reader.hpp"
#include "gateway/delivery/mail_maker.hpp"
#include "gateway/queue/writer.hpp"
#include "gateway/relay/make_relay.hpp"
#include "gateway/relay/relay_status.hpp"
#include "src/delivery/alerts.hpp"
#include "src/delivery/dispatch.hpp"

namespace sip2mail {

class Dispatcher {
 public:
  // Listens to the writer's feed from here on. Throws when the queue cannot be read.
  Dispatcher(Writer& writer, const Board<Settings>& settings, const Health& health, Log& log);
  ~Dispatcher();  // lets the transactions in hand end
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Takes what has come and does what is due; when to be called again at the latest.
  [[nodiscard]] std::optional<Instant> step(Instant now, Timestamp utc);
  // After stop(): every result is on disk, or cannot be put there.
  [[nodiscard]] bool over() const { return over_; }

  // Any thread:
  void stop();
  void wake();                                            // the settings have changed
  void ask_now();                                         // a relay that is down
  [[nodiscard]] int fd() const { return events_->fd(); }  // readable when something has come
  [[nodiscard]] std::shared_ptr<const std::vector<RelayStatus>> relays() const { return statuses_.read(); }

 private:
  using Senders = Worker<SendJob, DeliveryEvent>;
  using Preparers = Worker<PrepareJob, DeliveryEvent>;
  using Key = std::pair<ItemId, Form>;
  struct Lines {  // to one relay
    std::vector<std::unique_ptr<Senders>> all;
    std::vector<std::size_t> idle;
  };

  void take(QueueChanged& event);
  void take(AudioReady& event);
  void take(MailSent& event);
  void take(ResultCommitted& event);
  void take(ResultRefused& event);
  void take(ComposingCommitted& event);
  void take(AlertRefused& event);
  void take(Swept& event);
  void take(RelaysAsked& event);
  void take(SettingsChanged& event);
  void take(StopDelivery& event);

  void attempt(const DispatchAction& action);
  void carry_out(const Prepare& action);
  void carry_out(const Send& action);
  void carry_out(const Forget& action);
  void carry_out(const Record& action);
  void carry_out(const LookAgain& action);
  void carry_out(const RelayDown& action);
  void carry_out(const RelayStillDown& action);
  void carry_out(const RelayUp& action);
  void carry_out(const RelaySlower& action);

  void feed(DispatchEvent event);
  void look(const ItemId& id);
  void give(const Send& action, Item item, std::size_t recipient);
  void read_due();
  void log_result(const Record& result);
  void log_unset_relay();
  void tell(const alert::Event& event);
  void tell_of_failure(const ItemId& id);
  void put(const Notice& notice, const Settings& settings);
  void submit(AlertItem alert);
  void submit_again();
  void sweep();
  void hourly();
  void watch_the_end();
  void watch_the_settings();
  void begin_anew();
  [[nodiscard]] Delay patience_with(int relay) const;
  [[nodiscard]] static double random_fraction();

  Writer& writer_;
  const Board<Settings>& settings_;
  const Health& health_;
  Log& log_;
  std::shared_ptr<const Settings> begun_with_;            // their relays and schedule are in use
  const std::shared_ptr<Channel<DeliveryEvent>> events_;  // shared with the callbacks that the Writer still holds
  const std::shared_ptr<std::atomic<bool>> hurry_;
  std::optional<Dispatch> machine_;
  DueReader due_;
  std::deque<DispatchEvent> pending_;
  bool feeding_ = false;
  std::map<Key, std::optional<Audio>> prepared_;
  int preparing_ = 0;                      // given to preparers and not come back
  std::map<RecipientId, Record> results_;  // on their way to the disk
  std::map<RecipientId, Send> composing_;
  std::vector<ItemId> looks_;
  Zones zones_;
  Alerts alerts_;
  std::vector<AlertItem> refused_alerts_;  // by the disk
  std::optional<Instant> alerts_again_at_;
  Board<std::vector<RelayStatus>> statuses_;
  std::vector<RelayStatus> status_;
  std::optional<Instant> hourly_at_;
  std::optional<Instant> sweep_at_;
  bool sweeping_ = false;
  bool changing_ = false;  // new relays wait for the transactions in hand
  std::optional<Instant> stopped_at_;
  bool over_ = false;
  Instant now_{};
  Timestamp utc_{};
  std::vector<Lines> lines_;  // last: their threads end before the rest goes
  std::vector<std::unique_ptr<Preparers>> preparers_;
  std::size_t next_preparer_ = 0;
};

}  // namespace sip2mail
