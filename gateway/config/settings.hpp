// gateway/config/settings.hpp -- every option as a typed value: what load() makes and everybody reads.
//
// Constant once published; a call, text or mail keeps the Settings it began with. Defaults stand in options.cpp only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/log.hpp"
#include "src/base/network.hpp"
#include "src/base/time.hpp"
#include "src/media/codec.hpp"
#include "src/routing/candidates.hpp"
#include "src/routing/mailbox.hpp"

namespace sip2mail {

enum class Transport { udp, tcp };

struct Listen {
  Transport transport = Transport::udp;
  Endpoint local;
};

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
};

struct SipSettings {
  std::vector<Listen> listen;
  std::vector<Network> trusted;
  bool trusted_is_set = false;
  std::vector<Address> container_gateways;  // default gateways, when we run in a container
  std::vector<Endpoint> public_addresses;   // at most one a family; port 0: our own
  std::vector<Network> local_networks;      // peers there are told our own address
  std::string realm;
  int max_calls = 0;
  std::vector<MailboxSource> mailbox_sources;
  int max_rate = 0;  // new requests a second from one address; 0: no limit
};

struct MediaSettings {
  PortRange ports;
  std::vector<Network> networks;
  std::vector<Codec> codecs;
  Delay timeout{0};
};

struct CallSettings {
  std::filesystem::path greeting;       // empty: built in
  std::filesystem::path greeting_busy;  // empty: built in
  bool beep = true;
  Delay answer_delay{0};
  Delay max_length{0};
  Delay min_length{0};
  Delay silence{0};  // 0: never cuts
  std::string finish_keys;
  bool notify_missed = true;
};

struct MessageSettings {
  std::size_t max_size = 0;
};

struct QueueSettings {
  std::filesystem::path directory;
  std::vector<Delay> retry;
  Delay lifetime{0};
  Delay keep_delivered{0};
  Delay keep_failed{0};  // 0: for ever
  std::uint64_t min_free = 0;
};

// automatic: what the relay offers for a password; with a token XOAUTH2.
enum class RelayAuth { automatic, plain, login, xoauth2, oauthbearer };

struct RelaySettings {
  std::string name;  // "default" for [relay], NAME for [relay.NAME], "builtin" for the unset one
  std::string url;   // see relay_url.hpp
  std::string helo;  // empty: FQDN, else [address]
  int connections = 4;
  Delay timeout{0};
  std::vector<Delay> probe;
  int max_per_minute = 0;  // 0: no limit
  std::string user{};      // empty: no AUTH
  std::string password{};
  RelayAuth auth = RelayAuth::automatic;
  std::vector<std::string> token_command{};  // program and arguments
  std::string tls_ca{};                      // PEM; empty: the system's
  bool tls_verify = true;

  bool operator==(const RelaySettings&) const = default;
};

struct MailSettings {
  std::string from;           // header and envelope
  std::string envelope_from;  // for bounces; empty: from
  std::string from_name;      // "{caller}" or fixed text
  std::string language;       // of wording.hpp
  std::string timezone;       // empty: the system's
  bool wav = false;           // mail.audio-format: mp3, or wav as received
  std::size_t max_size = 0;
  std::string fallback;  // empty: nobody; else of its own or the first of alert.email
};

struct AlertSettings {
  std::vector<std::string> email;  // empty: nobody
};

struct LogSettings {
  LogFormat format = LogFormat::logfmt;
  Level level = Level::info;
};

struct Settings {
  SipSettings sip;
  MediaSettings media;
  CallSettings call;
  std::vector<Mailbox> mailboxes;  // never empty after load(): the built-in catch-all stands in
  MessageSettings message;
  QueueSettings queue;
  std::vector<RelaySettings> relays;  // [relay], then [relay.NAME] in file order; never empty after load()
  bool relay_is_set = false;
  MailSettings mail;
  AlertSettings alert;
  LogSettings log;
};

}  // namespace sip2mail
