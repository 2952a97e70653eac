// src/item.hpp -- the noun of the program: what was received, for whom, and how its delivery stands.
//
// Plain values, shared by every room; the queue stores them (schema/), the mail is composed of them, the API shows
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/ids.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

enum class Kind { voicemail, text, missed, transcript, alert, test };
enum class State { recording, held, ready, failed, delivered };
enum class RecipientState { waiting, delivered, failed };
// What of the content goes to a recipient after its relay refused the size of the mail.
enum class Form { whole, smaller, no_audio };

[[nodiscard]] std::string_view to_text(Kind kind);
[[nodiscard]] std::string_view to_text(State state);
[[nodiscard]] std::string_view to_text(RecipientState state);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view text);
[[nodiscard]] std::optional<State> parse_state(std::string_view text);

struct Flags {
  bool interrupted = false;  // the process or its disk ended the recording, not the caller
  bool no_speech = false;
  bool poor_audio = false;
  bool unverified = false;  // the sender proved nothing about who it is
  bool operator==(const Flags&) const = default;
};
[[nodiscard]] std::vector<std::string> to_texts(const Flags& flags);  // contract names: "interrupted", "no-speech", …
[[nodiscard]] Flags parse_flags(std::string_view comma_separated);

// Why a number is withheld, where the network says so: the caller_name beside the caller "anonymous".
constexpr std::string_view kPayphone = "payphone";
constexpr std::string_view kUnavailable = "unavailable";

// What is known of an item when it is accepted. Text fields are printable, bounded UTF-8 (request_reader cleans them).
struct Envelope {
  ItemId id;
  Kind kind = Kind::voicemail;
  std::string mailbox;
  std::string caller;       // user part or number; "anonymous" if withheld
  std::string caller_name;  // may be empty
  std::string callee;       // the number first called
  std::string call_id;
  std::string reason;  // "busy", "no-answer", "unconditional", "unavailable"; empty: unknown
  Flags flags;
  Timestamp received;
  std::string sender_domain;            // domain of mail.from when it came: of the Message-ID
  std::vector<std::string> recipients;  // addresses, at least one
};

// A text or an attachment that came with a MESSAGE.
struct Part {
  std::string type;  // "text/plain"
  std::string name;  // file name, empty for the text itself
  std::string body;
};

// What the media thread knows of a recording once it is sealed on disk.
struct Heard {
  Delay duration{0};
  double level_dbfs = -100;  // loudest 20 ms
  Flags flags;
  bool operator==(const Heard&) const = default;
};

struct Recipient {
  RecipientId id;
  std::string address;
  bool fallback = false;  // gets it because another one failed
  RecipientState state = RecipientState::waiting;
  Form form = Form::whole;
  int tries = 0;                           // transactions that judged this recipient
  std::optional<Timestamp> not_before;     // own due time; none while recording, held or done
  std::optional<Timestamp> first_refusal;  // of its own first 4xx or unknown outcome: lifetime runs from here
  std::optional<Timestamp> composed;       // the mail's Date when it is more than 3 h late
  int code = 0;                            // basic SMTP code of the last answer; 0: none yet
  std::string reply;
  std::string relay;  // name; empty before the first answer
};

struct Item {
  Envelope envelope;
  State state = State::recording;
  std::optional<Timestamp> began;    // start of the recording
  std::optional<Timestamp> settled;  // became delivered or failed
  std::optional<Delay> duration;     // voicemail only
  std::uint64_t size = 0;            // bytes of stored content
  bool content = true;               // false: erased after delivery, only the facts are left
  std::vector<Recipient> recipients;
};

}  // namespace sip2mail
