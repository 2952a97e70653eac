#include "gateway/config/check.hpp"

#include <algorithm>

#include "gateway/config/options.hpp"
#include "gateway/config/relay_url.hpp"
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
    relays();
    mailboxes();
    container();
    trust();
    announced();
    sender();
    fallback();
    zone("mail.timezone", settings_.mail.timezone);
    greeting("call.greeting", settings_.call.greeting);
    greeting("call.greeting-busy", settings_.call.greeting_busy);
    calls();
    overrides();
  }

 private:
  bool is_set(const std::string& name) const { return loaded_.find(name)->where != "default"; }
  // Perhaps not understood: that has been said then.
  bool is_given(const std::string& name) const {
    const EffectiveValue* value = loaded_.find(name);
    return value != nullptr && !value->text.empty();
  }
  void error(const std::string& name, const std::string& what) { loaded_.errors.push_back(loaded_.about(name, what)); }
  void warn(const std::string& name, const std::string& what) { loaded_.warnings.push_back(loaded_.about(name, what)); }
  // A default that is found only here, for `config show`.
  void came_from(const std::string& name, const std::string& where) {
    for (EffectiveValue& value : loaded_.values) {
      if (value.name == name) value.where = where;
    }
  }

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
      came_from("queue.directory", "STATE_DIRECTORY");
    }
    if (directory.empty()) return;  // said before
    directory = std::filesystem::absolute(directory).lexically_normal();
    constexpr std::size_t longest = 107 - std::string_view{"/control.sock"}.size();  // sun_path, unix(7)
    if (directory.string().size() > longest)
      error("queue.directory", "the path is longer than " + std::to_string(longest) +
                                   " characters, too long for the control socket in it");
  }

  void relays() {
    std::vector<RelaySettings>& relays = settings_.relays;
    settings_.relay_is_set = std::any_of(relays.begin(), relays.end(), [](const auto& it) { return !it.url.empty(); });
    if (!settings_.relay_is_set) {
      RelaySettings& relay = relays.front();
      relay.name = "builtin";
      relay.url = "maildir:" + (settings_.queue.directory / "Maildir").lexically_normal().string();
      relays.resize(1);
      return;
    }
    if (relays.front().url.empty()) relays.erase(relays.begin());  // only [relay.NAME]
    for (RelaySettings& relay : relays) {
      const std::string section = relay.name == "default" ? "relay" : std::string{kRelaySection} + relay.name;
      if (const auto url = read_relay_url(relay.url)) check_relay(section, relay, *url);
    }
  }

  // Of one whose URL was understood.
  void check_relay(const std::string& section, RelaySettings& relay, const RelayUrl& url) {
    if (!url.is_mail_server()) {
      relay.url = "maildir:" + (settings_.queue.directory / url.path).lexically_normal().string();
      return;
    }
    const bool token = !relay.token_command.empty();
    const bool wants_token = relay.auth == RelayAuth::xoauth2 || relay.auth == RelayAuth::oauthbearer;
    const bool wants_password = relay.auth == RelayAuth::plain || relay.auth == RelayAuth::login;
    const bool secret = token || !relay.password.empty();
    if (secret && !url.is_encrypted() && !url.is_on_loopback())
      error(section + ".url",
            "a password or token would go in clear to " + url.host + ": smtp+starttls:// or smtps:// is needed");
    if (secret && relay.user.empty())
      error(section + (token ? ".token-command" : ".password"), section + ".user is not set");
    if (!relay.user.empty() && !secret && !is_given(section + ".token-command") &&
        !is_given(section + ".password-file"))
      error(section + ".user", "neither " + section + ".password nor " + section + ".token-command is set");
    if (token && !relay.password.empty())
      error(section + ".token-command", section + ".password is set too: one of them");
    if (wants_token && !token) error(section + ".auth", "a token is needed: " + section + ".token-command is not set");
    if (wants_password && token)
      error(section + ".auth", section + ".token-command brings a token: xoauth2 or oauthbearer takes it");
    if (!relay.tls_verify && url.is_encrypted())
      warn(section + ".tls-verify", "off: whoever stands between us and " + url.host + " may read the mails" +
                                        (secret ? " and the password or token" : ""));
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

  void container() {
    constexpr const char* variable = "SIP2MAIL_IN_CONTAINER";
    const auto told = environment_.find(variable);
    if (told != environment_.end() && told->second != "0" && told->second != "1")
      loaded_.errors.push_back(std::string{variable} + ": \"" + printable(told->second, 200) + "\" is neither 0 nor 1");
    in_container_ = is_in_container(machine_.container, environment_);
    if (in_container_) settings_.sip.container_gateways = machine_.container.default_gateways;
  }

  // Whether a socket of ours takes what comes from that address of another host; [::] takes IPv4 too.
  bool hears(const Address& peer) const {
    return std::any_of(settings_.sip.listen.begin(), settings_.sip.listen.end(), [&](const Listen& listen) {
      const Address& own = listen.local.address;
      return !own.is_loopback() && (own.is_v6() == peer.is_v6() || (own.is_v6() && own.is_unspecified()));
    });
  }

  // With {mailbox} whoever may call chooses the address: an open relay, unless the operator said who that is.
  void trust() {
    settings_.sip.trusted_is_set = is_set("sip.trusted");
    auto [trusted, except] = effective_trust(settings_.sip.trusted, settings_.sip.trusted_is_set, settings_.mailboxes,
                                             settings_.sip.container_gateways);
    for (const Address& gateway : except) {
      if (hears(gateway))
        warn("sip.trusted", "not set, and this is a container: its default gateway, " + gateway.text() +
                                ", may not call, as NAT makes every stranger look like it; set it to the addresses "
                                "of your PBX");
    }
    if (trusted == settings_.sip.trusted) return;
    settings_.sip.trusted = std::move(trusted);
    std::string words;
    for (const Network& network : settings_.sip.trusted) words += (words.empty() ? "" : ", ") + network.text();
    now_is("sip.trusted", words);
    warn("sip.trusted",
         "not set, and [mailbox.*] uses {mailbox}: only this host may call; set it to the addresses of "
         "your PBX");
  }

  void announced() {
    const auto& own = machine_.container.bridge_address;
    if (!in_container_ || !own || !settings_.sip.public_addresses.empty() || !hears(*own)) return;
    warn("sip.public-address", "not set, and this is a container behind a bridge: callers are told " + own->text() +
                                   ", which nobody outside of it reaches; set it to the address of the host");
  }

  bool some_relay_is_beyond_loopback() const {
    return settings_.relay_is_set &&
           std::any_of(settings_.relays.begin(), settings_.relays.end(), [](const RelaySettings& relay) {
             const auto url = read_relay_url(relay.url);
             return url && url->is_mail_server() && !url->is_on_loopback();
           });
  }

  // The account is an address that may send; "" when it is none.
  std::string relay_user_as_address() const {
    try {
      return parse_address(settings_.relays.front().user);
    } catch (const BadValue&) {
      return {};
    }
  }

  void sender() {
    std::string& from = settings_.mail.from;
    if (from.empty()) {
      from = relay_user_as_address();
      const std::string host = from.empty() ? machine_.full_name() : "";
      if (from.empty()) from = "voicemail@" + (host.empty() ? "localhost" : host);
      now_is("mail.from", from);
    }
    const std::string host = from.substr(from.rfind('@') + 1);
    if (some_relay_is_beyond_loopback() && host.find('.') == std::string::npos)
      error("mail.from", from +
                             " has no dot in its host, so a relay beyond this host would refuse it: set mail.from to "
                             "an address of your domain");
  }

  void fallback() {
    if (!settings_.mail.fallback.empty() || settings_.alert.email.empty()) return;
    settings_.mail.fallback = settings_.alert.email.front();
    now_is("mail.fallback", settings_.mail.fallback);
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
  bool in_container_ = false;
};

}  // namespace

void complete(Loaded& loaded, const Environment& environment, const Machine& machine) {
  Completion{loaded, environment, machine}.run();
}

}  // namespace sip2mail
