#include "src/mail/letter.hpp"

#include <string_view>

#include "src/base/text.hpp"
#include "src/mail/display.hpp"
#include "src/text/charset.hpp"

namespace sip2mail {
namespace {

Timestamp happened(const Item& item) {
  const bool recorded = item.envelope.kind == Kind::voicemail || item.envelope.kind == Kind::transcript;
  return recorded && item.began ? *item.began : item.envelope.received;
}

std::string_view reason_in_words(std::string_view reason, const Wording& words) {
  if (reason == "busy") return words.busy;
  if (reason == "no-answer") return words.no_answer;
  if (reason == "unconditional") return words.unconditional;
  if (reason == "unavailable") return words.unavailable;
  return reason;
}

std::string name_or_stand_in(const ShownCaller& caller, const Wording& words) {
  if (caller.hidden == Hidden::withheld) return std::string{words.withheld};
  if (caller.hidden == Hidden::payphone) return std::string{words.payphone};
  if (!caller.name.empty()) return fill(words.name, {{"name", caller.name}});
  return caller.number.empty() ? std::string{words.unknown_caller} : words.number_form(caller.number);
}

std::string length_of(const Item& item) {
  return minutes_seconds(item.duration.value_or(Delay{0}));
}

// What was written: the nameless parts, one after the other.
std::optional<std::string> text_of(const Item& item, const MailContent& content, const Wording& words) {
  std::optional<std::string> text;
  bool attached = false;
  for (const Part& part : content.parts) {
    attached = attached || !part.name.empty();
    if (!part.name.empty()) continue;
    text = text ? *text + "\n\n" + part.body : part.body;
  }
  if (text) text = harmless(valid_utf8(*text));
  if (text && !trim(*text).empty()) return text;
  if (item.envelope.kind != Kind::text) return std::nullopt;
  return std::string{attached ? words.in_attachment : words.empty_text};
}

std::string subject_of(const Item& item, const std::optional<std::string>& text, const Wording& words) {
  const std::string caller = who(item.envelope, words);
  switch (item.envelope.kind) {
    case Kind::voicemail:
      return fill(words.voicemail_subject, {{"who", caller}, {"length", length_of(item)}});
    case Kind::text:
      return fill(words.text_subject, {{"who", caller}});
    case Kind::missed:
      return fill(words.missed_subject, {{"who", caller}});
    case Kind::transcript:
      return fill(words.transcript_subject, {{"who", caller}});
    case Kind::alert: {
      const std::string_view all = text ? std::string_view{*text} : words.alert_title;
      return fill(words.alert_subject, {{"what", one_line(all.substr(0, all.find('\n')), 100)}});
    }
    case Kind::test:
      break;
  }
  return std::string{words.test_subject};
}

std::string_view title_of(Kind kind, const Wording& words) {
  switch (kind) {
    case Kind::voicemail:
      return words.voicemail_title;
    case Kind::text:
      return words.text_title;
    case Kind::missed:
      return words.missed_title;
    case Kind::transcript:
      return words.transcript_title;
    case Kind::alert:
      return words.alert_title;
    case Kind::test:
      break;
  }
  return words.test_title;
}

std::vector<Fact> facts_of(const Item& item, const Look& look, const Wording& words) {
  const Envelope& envelope = item.envelope;
  std::vector<Fact> facts;
  const auto add = [&](std::string_view label, std::string value, std::optional<std::string> link = std::nullopt) {
    if (!value.empty()) facts.push_back({std::string{label}, std::move(value), std::move(link), false});
  };
  const bool from_somebody = envelope.kind != Kind::alert && envelope.kind != Kind::test;
  const FactLabels& labels = envelope.kind == Kind::text ? words.of_text : words.of_call;
  if (from_somebody) {
    const ShownCaller caller = caller_of(envelope);
    add(labels.from, name_or_stand_in(caller, words), caller.name.empty() ? tel_uri(caller.number) : std::nullopt);
    if (!caller.name.empty()) add(labels.number, words.number_form(caller.number), tel_uri(caller.number));
    for (Fact& fact : facts) fact.who = true;
    const std::string mailbox = one_line(envelope.mailbox, 80);
    const std::string name = one_line(look.mailbox_name, 64);
    add(labels.mailbox,
        name.empty() || name == mailbox ? mailbox : fill(words.named_mailbox, {{"name", name}, {"mailbox", mailbox}}));
    const std::string callee = one_line(envelope.callee, 64);
    if (callee != mailbox.substr(0, mailbox.find('@'))) add(labels.callee, words.number_form(callee), tel_uri(callee));
  }
  add(from_somebody ? labels.when : words.when, moment(look.zone, happened(item), words));
  if (envelope.kind == Kind::voicemail && item.duration) add(words.length, minutes_seconds(*item.duration));
  if (from_somebody) add(words.reason, std::string{reason_in_words(one_line(envelope.reason, 64), words)});
  return facts;
}

std::vector<std::string> notes_of(const Item& item, const Recipient& recipient, const MailContent& content,
                                  const Look& look, const Wording& words) {
  const Flags& flags = item.envelope.flags;
  const std::string command = "sip2mail queue audio " + item.envelope.id.text();
  const bool attached = content.audio && recipient.form != Form::no_audio;
  std::vector<std::string> notes;
  const auto add = [&](bool when, std::string note) {
    if (when) notes.push_back(std::move(note));
  };
  add(flags.interrupted, std::string{attached ? words.interrupted : words.interrupted_only});
  add(flags.no_speech, std::string{words.no_speech});
  add(flags.poor_audio, std::string{words.poor_audio});
  add(flags.unverified, std::string{words.unverified});
  if (item.envelope.kind == Kind::voicemail) {
    add(recipient.form == Form::no_audio, fill(words.without_audio, {{"command", command}}));
    add(recipient.form != Form::no_audio && !attached, fill(words.no_recording, {{"command", command}}));
    add(recipient.form == Form::smaller && attached, fill(words.smaller, {{"command", command}}));
  }
  if (recipient.fallback) {
    for (const Recipient& other : item.recipients) {
      if (other.state == RecipientState::failed && other.id != recipient.id)
        notes.push_back(
            fill(words.instead, {{"address", printable(other.address, 254)}, {"reply", printable(other.reply)}}));
    }
  }
  if (recipient.composed) notes.push_back(fill(words.late, {{"when", moment(look.zone, happened(item), words)}}));
  return notes;
}

}  // namespace

std::string moment(const Zone& zone, Timestamp time, const Wording& words) {
  const std::string pattern{words.moment};
  const auto weekday = static_cast<std::size_t>(zone.format(time, "%u").at(0) - '1');
  const std::string date = fill(zone.format(time, pattern.c_str()), {{"weekday", words.weekdays.at(weekday)}});
  return fill(words.moment_in_zone, {{"moment", date}, {"zone", zone_name(zone, time)}});
}

std::string who(const Envelope& envelope, const Wording& words) {
  const ShownCaller caller = caller_of(envelope);
  if (caller.name.empty() || caller.number.empty()) return name_or_stand_in(caller, words);
  return fill(words.who, {{"name", caller.name}, {"number", words.number_form(caller.number)}});
}

Timestamp date_of(const Item& item, const Recipient& recipient) {
  return recipient.composed.value_or(happened(item));
}

Letter write_letter(const Item& item, const Recipient& recipient, const MailContent& content, const Look& look,
                    const Wording& words) {
  Letter letter;
  letter.kind = item.envelope.kind;
  letter.language = words.language;
  letter.text = text_of(item, content, words);
  letter.subject = subject_of(item, letter.text, words);
  letter.title = fill(title_of(letter.kind, words), {{"length", length_of(item)}});
  letter.facts = facts_of(item, look, words);
  letter.notes = notes_of(item, recipient, content, look, words);
  letter.footer = fill(words.footer, {{"id", item.envelope.id.view()}});
  return letter;
}

}  // namespace sip2mail
