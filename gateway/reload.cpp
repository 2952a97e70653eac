#include "gateway/reload.hpp"

#include <exception>

#include "gateway/config/options.hpp"

namespace sip2mail {
namespace {

void keep_what_is_fixed(Settings& next, const Settings& first) {
  next.sip.listen = first.sip.listen;
  next.sip.public_addresses = first.sip.public_addresses;
  next.media.ports = first.media.ports;
  next.message.max_size = first.message.max_size;
  // A Maildir in the queue's directory was completed by the new one.
  const std::string there = "maildir:" + next.queue.directory.string() + "/";
  for (RelaySettings& relay : next.relays) {
    if (relay.url.starts_with(there))
      relay.url = "maildir:" + (first.queue.directory / relay.url.substr(there.size())).string();
  }
  next.queue.directory = first.queue.directory;
  next.queue.min_free = first.queue.min_free;
  next.log.format = first.log.format;
}

std::vector<std::string> changed_at_start(const Loaded& first, const Loaded& next) {
  std::vector<std::string> changed;
  for (const Option& option : options()) {
    if (!option.at_start()) continue;
    const EffectiveValue* before = first.find(option.name());
    const EffectiveValue* after = next.find(option.name());
    if (before != nullptr && after != nullptr && before->text != after->text) changed.push_back(option.name());
  }
  return changed;
}

}  // namespace

Reloaded reload(const Loaded& first, const std::function<Loaded()>& load_again) {
  Reloaded out;
  try {
    Loaded next = load_again();
    out.errors = std::move(next.errors);
    out.warnings = std::move(next.warnings);
    if (!out.errors.empty()) return out;
    out.need_restart = changed_at_start(first, next);
    keep_what_is_fixed(next.settings, first.settings);
    out.greetings = std::make_shared<const Greetings>(next.settings);
    out.settings = std::make_shared<const Settings>(std::move(next.settings));
  } catch (const std::exception& error) {
    out.errors.emplace_back(error.what());
  }
  return out;
}

void Reloader::ask() {
  if (!worker_) {
    worker_ = std::make_unique<Worker<ReadAgain, Reloaded>>([this](ReadAgain) { return reload(first_, load_again_); },
                                                            results_);
  }
  worker_->give({});
}

}  // namespace sip2mail
