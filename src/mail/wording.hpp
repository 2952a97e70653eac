// src/mail/wording.hpp -- every word that a mail says by itself, one constant a language.
//
// Whole phrases with {places}, never grammar glued together from pieces: another language has another order.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sip2mail {

// Labels of the facts: a call and a text are not spoken of alike everywhere.
struct FactLabels {
  std::string_view from, number, mailbox, callee, when;
};

// The first line is the subject.
struct AlertPhrases {
  std::string_view relay_down, relay_refuses;  // {relay} {url} {words} {when}
  std::string_view relay_back;                 // {relay} {url} {when}
  std::string_view failed;                     // {count} {list}
  std::string_view disk_low, disk_back;        // {directory} {when}
};

struct Wording {
  std::string_view language;  // of the HTML's lang (RFC 5646)

  std::string_view voicemail_subject;   // {who} {length}
  std::string_view text_subject;        // {who}
  std::string_view missed_subject;      // {who}
  std::string_view transcript_subject;  // {who}
  std::string_view alert_subject;       // {what}
  std::string_view test_subject;

  std::string_view voicemail_title;  // {length}
  std::string_view text_title, missed_title, transcript_title, alert_title, test_title;

  std::string_view who;   // {name} {number}
  std::string_view name;  // {name}, as somebody is called politely
  std::string_view withheld, payphone, unknown_caller;
  std::string (*number_form)(const std::string& number);  // as it is usually written
  FactLabels of_call, of_text;
  std::string_view when, length, reason;     // labels; `when` of what neither called nor wrote
  std::string_view label;                    // {label} {value}, a line of the plain text
  std::string_view named_mailbox;            // {name} {mailbox}
  std::string_view moment;                   // g_date_time_format, {weekday}
  std::string_view moment_in_zone;           // {moment} {zone}
  std::array<std::string_view, 7> weekdays;  // Monday first

  std::string_view busy, no_answer, unconditional, unavailable;

  std::string_view interrupted, interrupted_only, no_speech, poor_audio, unverified;
  std::string_view late;                                  // {when}
  std::string_view smaller, without_audio, no_recording;  // {command}
  std::string_view instead;                               // {address} {reply}
  std::string_view empty_text, in_attachment;
  std::string_view footer;  // {id}
  AlertPhrases alerts;
};

[[nodiscard]] const Wording& english();
[[nodiscard]] const Wording& japanese();

// "en", "ja"
[[nodiscard]] std::vector<std::string> languages();
// English when there is none of that name.
[[nodiscard]] const Wording& wording_in(std::string_view language);

// Puts the values in their places, once: a value that looks like a place stays what it is.
[[nodiscard]] std::string fill(std::string_view phrase,
                               std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace sip2mail
