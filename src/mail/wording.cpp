#include "src/mail/wording.hpp"

namespace sip2mail {

const Wording& english() {
  static constexpr Wording words{
      .language = "en",
      .voicemail_subject = "Voicemail from {who}, {length}",
      .text_subject = "Message from {who}",
      .missed_subject = "Missed call from {who}",
      .transcript_subject = "Transcript of the voicemail from {who}",
      .alert_subject = "sip2mail: {what}",
      .test_subject = "Test mail from sip2mail",
      .voicemail_title = "Voicemail, {length}",
      .text_title = "Message",
      .missed_title = "Missed call",
      .transcript_title = "Transcript",
      .alert_title = "Alert",
      .test_title = "Test mail",
      .who = "{name} ({number})",
      .withheld = "Withheld number",
      .unknown_caller = "Unknown caller",
      .from = "From",
      .number = "Number",
      .mailbox = "For",
      .callee = "Called",
      .when = "When",
      .length = "Length",
      .reason = "Why",
      .label = "{label}: {value}",
      .named_mailbox = "{name} ({mailbox})",
      .moment = "%a, %-d %B %Y, %H:%M",
      .moment_in_zone = "{moment} {zone}",
      .busy = "The line was busy",
      .no_answer = "Nobody answered",
      .unconditional = "All calls are forwarded",
      .unavailable = "The phone could not be reached",
      .interrupted = "The recording was cut short because the system was restarted; what was recorded is attached.",
      .interrupted_only = "The recording was cut short because the system was restarted.",
      .no_speech = "No speech was heard in the recording.",
      .poor_audio = "The connection was poor; parts of the recording may be missing.",
      .unverified = "The sender is not verified: anybody can write any number or name there.",
      .late = "This mail could not be sent earlier. It is about {when}.",
      .smaller =
          "The mail server did not take the whole recording because of its size; the one attached has a lower "
          "quality. The original can be had on the gateway with: {command}",
      .without_audio =
          "The recording is not attached because it is too large for the mail server. It can be had on the gateway "
          "with: {command}",
      .no_recording = "The recording could not be attached. It can be looked for on the gateway with: {command}",
      .empty_text = "(empty message)",
      .in_attachment = "(the message is in the attachment)",
      .footer = "sip2mail {id}",
  };
  return words;
}

std::string fill(std::string_view phrase, std::initializer_list<std::pair<std::string_view, std::string_view>> values) {
  std::string out;
  while (!phrase.empty()) {
    const std::size_t open = phrase.find('{');
    const std::size_t close = open == std::string_view::npos ? open : phrase.find('}', open);
    if (close == std::string_view::npos) break;
    out += phrase.substr(0, open);
    const std::string_view place = phrase.substr(open + 1, close - open - 1);
    bool known = false;
    for (const auto& [name, value] : values) {
      if (name != place) continue;
      out += value;
      known = true;
    }
    if (!known) out += phrase.substr(open, close + 1 - open);
    phrase.remove_prefix(close + 1);
  }
  return out += phrase;
}

}  // namespace sip2mail
