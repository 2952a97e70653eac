#include "gateway/config/options.hpp"

#include <algorithm>
#include <array>

#include "gateway/config/named_files.hpp"
#include "gateway/config/values.hpp"

namespace sip2mail {
namespace {

constexpr std::string_view kPrivateNetworks =
    "127.0.0.0/8, ::1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7, fe80::/10";
constexpr Delay kDay = std::chrono::hours{24};
constexpr std::uint64_t kKilo = 1024;
constexpr std::uint64_t kMega = kKilo * 1024;

using S = Settings;
using R = RelaySettings;
using Text = const std::string;
using Texts = std::vector<std::string>;

// Three arrays: clang-format lays out a longer one in another way.
const Option kReceiving[] = {
    {"sip", "listen", "list of udp:ADDRESS:PORT, tcp:ADDRESS:PORT", "udp:0.0.0.0:5060, tcp:0.0.0.0:5060",
     "where SIP is received; 0.0.0.0 and [::] are all addresses of the machine, those too that it gets later; "
     "port 0 takes a free one",
     [](S& s, Text& v) { s.sip.listen = parse_listen(v); }},
    {"sip", "public-address", "list of ADDRESS or ADDRESS:PORT", "",
     "told to callers instead of our own address (NAT, containers), one for IPv4 and one for IPv6",
     [](S& s, Text& v) { s.sip.public_addresses = parse_public_addresses(v); }},
    {"sip", "local-networks", "list of networks", "", "callers there are told our own address all the same",
     [](S& s, Text& v) { s.sip.local_networks = parse_networks(v); }},
    {"sip", "trusted", "list of networks", kPrivateNetworks,
     "peers that may call. While it is not set: a container's default gateway may not, and when a catch-all uses "
     "{mailbox}, only loopback may",
     [](S& s, Text& v) { s.sip.trusted = parse_networks(v); }},
    {"sip", "mailbox-source", "list of request-uri, diversion-original, diversion-last, to",
     "request-uri, diversion-original, to", "which headers name the mailbox; the first that names a known one wins",
     [](S& s, Text& v) { s.sip.mailbox_sources = parse_mailbox_sources(v); }},
    {"sip", "max-calls", "number", "500", "calls at one time; beyond: 503 with Retry-After",
     [](S& s, Text& v) { s.sip.max_calls = parse_number(v, 1, 20000); }},
    {"sip", "max-rate", "number", "0", "new requests a second from one address; beyond: 503; 0 is no limit",
     [](S& s, Text& v) { s.sip.max_rate = parse_number(v, 0, 1000000); }},

    {"media", "ports", "FIRST-LAST", "20000-20999", "UDP ports of calls: RTP on the even ones, RTCP on the odd",
     [](S& s, Text& v) { s.media.ports = parse_ports(v); }},
    {"media", "networks", "list of networks", kPrivateNetworks,
     "where sound may be sent as soon as the call is answered; elsewhere only after sound came from there",
     [](S& s, Text& v) { s.media.networks = parse_networks(v); }},
    {"media", "codecs", "list of pcma, pcmu", "pcma, pcmu", "codecs that are accepted; the caller's order decides",
     [](S& s, Text& v) { s.media.codecs = parse_codecs(v); }},
    {"media", "timeout", "duration", "30s",
     "no sound packet at all for so long ends a recording; what was said is kept",
     [](S& s, Text& v) { s.media.timeout = parse_delay(v, 1s, kDay); }},

    {"call", "greeting", "WAV file", "", "played to the caller; not set: the built-in one",
     [](S& s, Text& v) { s.call.greeting = v; }},
    {"call", "greeting-busy", "WAV file", "", "played when the number called was busy; not set: the built-in one",
     [](S& s, Text& v) { s.call.greeting_busy = v; }},
    {"call", "beep", "yes or no", "yes", "a tone before the recording begins",
     [](S& s, Text& v) { s.call.beep = parse_yes_no(v); }},
    {"call", "answer-delay", "duration", "0s", "ring so long before the answer",
     [](S& s, Text& v) { s.call.answer_delay = parse_delay(v, 0s, 3min); }},
    {"call", "max-length", "duration", "180s", "the longest recording",
     [](S& s, Text& v) { s.call.max_length = parse_delay(v, 1s, kDay); }},
    {"call", "min-length", "duration", "1s", "a shorter recording is a missed call",
     [](S& s, Text& v) { s.call.min_length = parse_delay(v, 0s, kDay); }},
    {"call", "silence", "duration", "10s", "silence of this length ends the recording; 0s never does",
     [](S& s, Text& v) { s.call.silence = parse_delay(v, 0s, kDay); }},
    {"call", "finish-keys", "keys 0-9 * # A-D", "#", "each of them ends the recording; put # in quotes: \"#\"",
     [](S& s, Text& v) { s.call.finish_keys = parse_finish_keys(v); }},
    {"call", "missed", "notify or ignore", "notify", "the caller left nothing: mail about it, or not",
     [](S& s, Text& v) {
       s.call.notify_missed = parse_choice(v, {"notify", "ignore"}) == 0;
     }},

    {"mailbox.*", "email", "list of email addresses", "",
     "who gets the mail. The section [mailbox.*] is the catch-all: in it {mailbox} is the number called", nullptr,
     [](Mailbox& m, Text& v) { m.email = parse_addresses(v, m.id == "*"); }},
    {"mailbox.*", "aliases", "list of users", "", "further numbers or names that mean this mailbox", nullptr,
     [](Mailbox& m, Text& v) { m.aliases = parse_users(v); }},
    {"mailbox.*", "name", "text", "", "shown in the mail", nullptr, [](Mailbox& m, Text& v) { m.name = v; }},
    {"mailbox.*", "language", "en or ja", "", "of its mails and prompts; not set: mail.language", nullptr,
     [](Mailbox& m, Text& v) { m.language = parse_language(v); }},
    {"mailbox.*", "timezone", "zone like Asia/Tokyo", "", "of the times in its mails; not set: mail.timezone", nullptr,
     [](Mailbox& m, Text& v) { m.timezone = v; }},
    {"mailbox.*", "greeting", "WAV file", "", "played to its callers; not set: call.greeting", nullptr,
     [](Mailbox& m, Text& v) { m.greeting = v; }},
    {"mailbox.*", "greeting-busy", "WAV file", "",
     "played when it was busy; not set: its own greeting, else call.greeting-busy", nullptr,
     [](Mailbox& m, Text& v) { m.greeting_busy = v; }},
    {"mailbox.*", "audio-format", "mp3 or wav", "", "of its recordings; not set: mail.audio-format", nullptr,
     [](Mailbox& m, Text& v) {
       m.wav = parse_choice(v, {"mp3", "wav"}) == 1;
     }},
    {"mailbox.*", "max-length", "duration", "", "its longest recording; not set: call.max-length", nullptr,
     [](Mailbox& m, Text& v) { m.max_length = parse_delay(v, 1s, kDay); }},
    {"mailbox.*", "missed", "notify or ignore", "", "its caller left nothing; not set: call.missed", nullptr,
     [](Mailbox& m, Text& v) {
       m.notify_missed = parse_choice(v, {"notify", "ignore"}) == 0;
     }},
    {"mailbox.*", "text", "yes or no", "yes", "whether it takes SIP MESSAGEs; no: they are answered 404", nullptr,
     [](Mailbox& m, Text& v) { m.takes_texts = parse_yes_no(v); }},

    {"message", "max-size", "size", "64K", "the largest text; beyond: 413",
     [](S& s, Text& v) { s.message.max_size = parse_size(v, 1, 8 * kMega); }},

    {"queue", "directory", "directory", SIP2MAIL_QUEUE_DIRECTORY,
     "database, recordings and control socket; $STATE_DIRECTORY of systemd comes before this default",
     [](S& s, Text& v) { s.queue.directory = parse_directory(v); }},
    {"queue", "retry", "list of durations", "1m, 2m, 5m, 10m, 20m, 40m, 1h",
     "waits after a temporary refusal of a recipient; the last one repeats",
     [](S& s, Text& v) { s.queue.retry = parse_delays(v); }},
    {"queue", "lifetime", "duration", "5d", "a recipient fails when it was refused for so long; an outage never counts",
     [](S& s, Text& v) { s.queue.lifetime = parse_delay(v, 0s, 365 * kDay); }},
    {"queue", "keep-delivered", "duration", "3d", "content stays so long after its delivery; 0s erases at once",
     [](S& s, Text& v) { s.queue.keep_delivered = parse_delay(v, 0s, 3650 * kDay); }},
    {"queue", "keep-failed", "duration", "0s", "content of a failed item stays so long; 0s keeps it for ever",
     [](S& s, Text& v) { s.queue.keep_failed = parse_delay(v, 0s, 3650 * kDay); }},
    {"queue", "min-free", "size", "256M", "with less free space on the disk nothing new is accepted (503)",
     [](S& s, Text& v) { s.queue.min_free = parse_size(v, 0, UINT64_MAX); }},
};

const Option kRelay[] = {
    {"relay", "url", "smtp://HOST:PORT, smtp+starttls://HOST:587, smtps://HOST:465 or maildir:PATH", "",
     "where mail goes; not set: a Maildir in queue.directory. More relays: [relay.NAME], for when those before are "
     "down",
     nullptr, nullptr, [](R& r, Text& v) { r.url = parse_relay_url(v); }},
    {"relay", "user", "text", "", "account at the relay; not set: no AUTH", nullptr, nullptr,
     [](R& r, Text& v) { r.user = v; }},
    {"relay", "password", "text", "", "of relay.user; never over smtp:// but to this host", nullptr, nullptr,
     [](R& r, Text& v) { r.password = v; }},
    {"relay", "auth", "auto, plain, login, xoauth2 or oauthbearer", "auto",
     "auto: what the relay offers for a password, xoauth2 for a token", nullptr, nullptr,
     [](R& r, Text& v) { r.auth = parse_auth(v); }},
    {"relay", "token-command", "program with its path, and arguments", "",
     "prints an OAuth2 access token; run without a shell, and again when the relay refuses it; status 75: try later",
     nullptr, nullptr, [](R& r, Text& v) { r.token_command = parse_command(v); }},
    {"relay", "tls-ca", "PEM file", "", "CAs that the relay's certificate may come from; not set: those of the system",
     nullptr, nullptr, [](R& r, Text& v) { r.tls_ca = parse_certificates(v); }},
    {"relay", "tls-verify", "yes or no", "yes", "no: any certificate will do, so anybody may read mail and password",
     nullptr, nullptr, [](R& r, Text& v) { r.tls_verify = parse_yes_no(v); }},
    {"relay", "helo", "host name", "", "the name we greet the relay with; not set: that of this host", nullptr, nullptr,
     [](R& r, Text& v) { r.helo = parse_host_name(v); }},
    {"relay", "connections", "number", "4", "connections at one time", nullptr, nullptr,
     [](R& r, Text& v) { r.connections = parse_number(v, 1, 100); }},
    {"relay", "timeout", "duration", "60s", "for one mail, from connect to the last answer", nullptr, nullptr,
     [](R& r, Text& v) { r.timeout = parse_delay(v, 100ms, 1h); }},
    {"relay", "max-per-minute", "number", "0", "mails in any minute; more wait; 0 is no limit", nullptr, nullptr,
     [](R& r, Text& v) { r.max_per_minute = parse_number(v, 0, 100000); }},
    {"relay", "probe", "list of durations", "1s, 2s, 5s, 15s, 30s, 1m, 2m, 5m",
     "waits between tries of a relay that is down; the last one repeats", nullptr, nullptr,
     [](R& r, Text& v) { r.probe = parse_delays(v); }},
};

const Option kMailAndLog[] = {
    {"mail", "from", "email address", "",
     "sender of every mail; not set: relay.user if that is an address, else voicemail@ and the full name of this host",
     [](S& s, Text& v) { s.mail.from = v.empty() ? v : parse_address(v); }},
    {"mail", "envelope-from", "email address", "", "where bounces go; not set: mail.from",
     [](S& s, Text& v) { s.mail.envelope_from = v.empty() ? v : parse_address(v); }},
    {"mail", "from-name", "text", "{caller}", "display name of the sender; {caller} is who called",
     [](S& s, Text& v) { s.mail.from_name = v; }},
    {"mail", "language", "en or ja", "en", "of mails and of the built-in prompts",
     [](S& s, Text& v) { s.mail.language = parse_language(v); }},
    {"mail", "timezone", "zone like Asia/Tokyo", "", "of the times in mails; not set: that of the system",
     [](S& s, Text& v) { s.mail.timezone = v; }},
    {"mail", "audio-format", "mp3 or wav", "mp3", "mp3: trimmed and normalised; wav: as received",
     [](S& s, Text& v) {
       s.mail.wav = parse_choice(v, {"mp3", "wav"}) == 1;
     }},
    {"mail", "fallback", "email address", "",
     "gets the mail of an item when one of its recipients failed; not set: the first of alert.email",
     [](S& s, Text& v) { s.mail.fallback = v.empty() ? v : parse_address(v); }},
    {"mail", "max-size", "size", "20M", "a mail beyond this size goes in a smaller form",
     [](S& s, Text& v) { s.mail.max_size = parse_size(v, 64 * kKilo, 1024 * kMega); }},

    {"alert", "email", "list of email addresses", "",
     "who is told that a mail could not be delivered, that a mail server is down or back, that the disk is full",
     [](S& s, Text& v) { s.alert.email = v.empty() ? Texts{} : parse_addresses(v, false); }},

    {"log", "format", "text or logfmt", "", "not set: text on a terminal, else logfmt",
     [](S& s, Text& v) {
       s.log.format = parse_choice(v, {"text", "logfmt"}) == 0 ? LogFormat::text : LogFormat::logfmt;
     }},
    {"log", "level", "debug, info, warning or error", "info", "the least important that is logged",
     [](S& s, Text& v) {
       s.log.level = static_cast<Level>(parse_choice(v, {"debug", "info", "warning", "error"}));
     }},
};

std::string_view table_section(std::string_view section) {
  const bool mailbox = section.size() > kMailboxSection.size() && section.starts_with(kMailboxSection);
  if (section.size() > kRelaySection.size() && section.starts_with(kRelaySection)) return "relay";
  return mailbox ? "mailbox.*" : section;
}

constexpr std::array<std::string_view, 7> kAtStart{"message.max-size", "sip.listen",      "sip.public-address",
                                                   "media.ports",      "queue.directory", "queue.min-free",
                                                   "log.format"};

}  // namespace

std::string Option::meaning_in_full() const {
  return std::string{meaning} + (at_start() ? ". Read at the start only" : "");
}

bool Option::at_start() const {
  return std::find(kAtStart.begin(), kAtStart.end(), name()) != kAtStart.end();
}

std::span<const Option> options() {
  static const std::vector<Option> all = [] {
    std::vector<Option> rows{std::begin(kReceiving), std::end(kReceiving)};
    rows.insert(rows.end(), std::begin(kRelay), std::end(kRelay));
    rows.insert(rows.end(), std::begin(kMailAndLog), std::end(kMailAndLog));
    return rows;
  }();
  return all;
}

const Option* find_option(std::string_view section, std::string_view key) {
  const std::span<const Option> all = options();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Option& option) {
    return option.section == table_section(section) && option.key == key;
  });
  return found == all.end() ? nullptr : &*found;
}

bool is_section(std::string_view section) {
  return !key_names(section).empty();
}

std::vector<std::string> section_names() {
  std::vector<std::string> names;
  for (const Option& option : options()) {
    if (names.empty() || names.back() != option.section) names.emplace_back(option.section);
  }
  return names;
}

std::vector<std::string> key_names(std::string_view section) {
  std::vector<std::string> names;
  for (const Option& option : options()) {
    if (option.section == table_section(section)) names.emplace_back(option.key);
  }
  return names;
}

std::vector<std::string> writable_names(std::string_view section) {
  std::vector<std::string> names;
  for (std::string& key : key_names(section)) {
    const std::string file = key + std::string{kSecretFile};
    if (!secret_behind(section, file).empty()) names.push_back(file);
    names.push_back(std::move(key));
  }
  return names;
}

std::string_view secret_behind(std::string_view section, std::string_view key) {
  if (!key.ends_with(kSecretFile) || find_option(section, key) != nullptr) return {};
  key.remove_suffix(kSecretFile.size());
  const Option* option = find_option(section, key);
  return option != nullptr && option->secret() ? key : std::string_view{};
}

}  // namespace sip2mail
