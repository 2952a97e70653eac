#include "gateway/config/check.hpp"

#include <algorithm>

#include "gateway/config/options.hpp"
#include "gateway/config/values.hpp"
#include "src/base/text.hpp"
#include "src/routing/trust.hpp"

namespace sip2mail {
namespace {

class Completion {
 public:
  Completion(Loaded& loaded, const Environment& environment, const Machine& machine)
      : loaded_{loaded}, settings_{loaded.settings}, environment_{environment}, machine_{machine} {}

  void run() {
    if (!is_set("log.format")) {
      settings_.log.format = machine_.terminal ? LogFormat::text : LogFormat::logfmt;
      now_is("log.format", machine_.terminal ? "text" : "logfmt");
    }
    directory();
    relay();
    mailboxes();
    trust();
    sender();
    zone("mail.timezone", settings_.mail.timezone);
    greeting("call.greeting", settings_.call.greeting);
    greeting("call.greeting-busy", settings_.call.greeting_busy);
    calls();
    overrides();
  }

 private:
  bool is_set(const std::string& name) const { return loaded_.find(name)->where != "default"; }
  void error(const std::string& name, const std::string& what) { loaded_.errors.push_back(loaded_.about(name, what)); }
  void warn(const std::string& name, const std::string& what) { loaded_.warnings.push_back(loaded_.about(name, what)); }
  // A default that is found only here, for `config show`.
  void now_is(const std::string& name, const std::string& text) {
    for (EffectiveValue& value : loaded_.values) {
      if (value.name == name) value.text = text;
    }
  }

  void directory() {
    std::filesystem::path& directory = settings_.queue.directory;
    const auto state = environment_.find("STATE_DIRECTORY");  // systemd: a list, ours is the first
    if (!is_set("queue.directory") && state != environment_.end() && !state->second.empty()) {
      directory = state->second.substr(0, state->second.find(':'));
      now_is("queue.directory", directory.string());
    }
    if (directory.empty()) return;  // said before
    directory = std::filesystem::absolute(directory).lexically_normal();
    constexpr std::size_t longest = 107 - std::string_view{"/control.sock"}.size();  // sun_path, unix(7)
    if (directory.string().size() > longest)
      error("queue.directory", "the path is longer than " + std::to_string(longest) +
                                   " characters, too long for the control socket in it");
  }

  void relay() {
    RelaySettings& relay = settings_.relays.front();
    const auto maildir = [&](const std::filesystem::path& path) {
      relay.url = "maildir:" + (settings_.queue.directory / path).lexically_normal().string();
    };
    if (settings_.relay_is_set) {
      if (lower(relay.url.substr(0, 8)) == "maildir:") maildir(relay.url.substr(8));
      return;
    }
    relay.name = "builtin";
    maildir("Maildir");
    if (loaded_.find("relay.url")->text.empty())
      warn("relay.url", "not set: mail goes to the Maildir " + relay.url.substr(8) + " and nowhere else");
  }

  void mailboxes() {
    if (!settings_.mailboxes.empty()) return;
    if (settings_.relay_is_set) {
      loaded_.errors.push_back(
          "no mailbox is configured: add a section [mailbox.ID] with email = ADDRESS, or the "
          "catch-all [mailbox.*]");
      return;
    }
    settings_.mailboxes.push_back({"*", {"{mailbox}@localhost"}, "", std::string{kBuiltIn}});
    loaded_.warnings.push_back("no mailbox is configured: every number called has one, {mailbox}@localhost");
  }

  // With {mailbox} whoever may call chooses the address: an open relay, unless the operator said who that is.
  void trust() {
    settings_.sip.trusted_is_set = is_set("sip.trusted");
    auto trusted = effective_trust(settings_.sip.trusted, settings_.sip.trusted_is_set, settings_.mailboxes);
    if (trusted == settings_.sip.trusted) return;
    settings_.sip.trusted = std::move(trusted);
    std::string words;
    for (const Network& network : settings_.sip.trusted) words += (words.empty() ? "" : ", ") + network.text();
    now_is("sip.trusted", words);
    warn("sip.trusted",
         "not set, and [mailbox.*] uses {mailbox}: only this host may call; set it to the addresses of "
         "your PBX");
  }

  bool relay_is_beyond_loopback() const {
    const std::string& url = settings_.relays.front().url;
    if (!settings_.relay_is_set || lower(url.substr(0, 5)) != "smtp:") return false;
    const std::string host = parse_relay_url(url);
    const auto address = Address::parse(host);
    return address ? !address->is_loopback() : !equal_ignoring_case(host, "localhost");
  }

  void sender() {
    std::string& from = settings_.mail.from;
    if (from.empty()) {
      const std::string host = machine_.full_name();
      from = "voicemail@" + (host.empty() ? "localhost" : host);
      now_is("mail.from", from);
    }
    const std::string host = from.substr(from.rfind('@') + 1);
    if (relay_is_beyond_loopback() && host.find('.') == std::string::npos)
      error("mail.from", from +
                             " has no dot in its host, so a relay beyond this host would refuse it: set mail.from to "
                             "an address of your domain");
  }

  void zone(const std::string& name, const std::string& zone) {
    if (!zone.empty() && !machine_.knows_zone(zone))
      error(name, "\"" + printable(zone, 200) + "\" is no time zone like Asia/Tokyo");
  }

  // What a mailbox says otherwise than the whole gateway.
  void overrides() {
    for (const Mailbox& mailbox : settings_.mailboxes) {
      const std::string name = std::string{kMailboxSection} + mailbox.id + ".";
      zone(name + "timezone", mailbox.timezone);
      greeting(name + "greeting", mailbox.greeting);
      greeting(name + "greeting-busy", mailbox.greeting_busy);
      if (mailbox.max_length && *mailbox.max_length < settings_.call.min_length)
        error(name + "max-length", to_duration(*mailbox.max_length) + " is shorter than call.min-length, " +
                                       to_duration(settings_.call.min_length));
    }
  }

  void greeting(const std::string& name, const std::filesystem::path& path) {
    if (path.empty()) return;
    const std::string fault = machine_.greeting_fault(path);
    if (!fault.empty()) error(name, printable(path.string()) + " " + fault);
  }

  void calls() {
    const CallSettings& call = settings_.call;
    if (call.max_length > Delay{0} && call.min_length > call.max_length)
      error("call.min-length",
            to_duration(call.min_length) + " is longer than call.max-length, " + to_duration(call.max_length));
    const PortRange& ports = settings_.media.ports;
    const int pairs = (ports.last + 1 - (ports.first + ports.first % 2)) / 2;
    if (ports.last != 0 && settings_.sip.max_calls > pairs)
      warn("media.ports", "room for " + std::to_string(pairs) + " calls, less than sip.max-calls, " +
                              std::to_string(settings_.sip.max_calls));
  }

  Loaded& loaded_;
  Settings& settings_;
  const Environment& environment_;
  const Machine& machine_;
};

}  // namespace

void complete(Loaded& loaded, const Environment& environment, const Machine& machine) {
  Completion{loaded, environment, machine}.run();
}

}  // namespace sip2mail
