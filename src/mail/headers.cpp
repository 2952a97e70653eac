#include "src/mail/headers.hpp"

#include "src/base/text.hpp"
#include "src/mail/display.hpp"
#include "src/mail/encoded_words.hpp"
#include "src/mail/gobject.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostBytes = 800;  // of a value from the network, with its name well within 998 (RFC 5322, 2.1.1)

void set_raw(GMimeMessage* message, const char* name, const std::string& value) {
  GMimeHeaderList* list = g_mime_object_get_header_list(GMIME_OBJECT(message));
  g_mime_header_set_raw_value(g_mime_header_list_get_header(list, name), (" " + value + "\n").c_str());
}

// For machines: as it is if it can be, however long, so that filters find it. No value, no field.
void set(GMimeMessage* message, const char* name, std::string_view value) {
  const std::string line = printable(value, kMostBytes);
  if (line.empty()) return;
  g_mime_object_set_header(GMIME_OBJECT(message), name, line.c_str(), "utf-8");
  set_raw(message, name, needs_encoded_words(line) ? encoded_words(line) : line);
}

void set_subject(GMimeMessage* message, const std::string& subject) {
  g_mime_message_set_subject(message, subject.c_str(), "utf-8");
  if (needs_encoded_words(subject) || has_long_word(subject)) set_raw(message, "Subject", encoded_words(subject));
}

void set_from(GMimeMessage* message, const std::string& name, const std::string& address) {
  const GObjectRef<InternetAddress> from{
      internet_address_mailbox_new(name.empty() ? nullptr : name.c_str(), printable(address, kMostBytes).c_str())};
  internet_address_list_add(g_mime_message_get_from(message), from.get());
  if (!needs_encoded_words(name) && !has_long_word(name)) return;
  const std::string encoded = internet_address_mailbox_get_idn_addr(INTERNET_ADDRESS_MAILBOX(from.get()));
  set_raw(message, "From", encoded_words(name) + "\n <" + encoded + ">");
}

std::string from_name(const Envelope& envelope, const Look& look, const Wording& words) {
  const bool from_somebody = envelope.kind != Kind::alert && envelope.kind != Kind::test;
  const ShownCaller caller = caller_of(envelope);
  const std::string shown = !from_somebody           ? "sip2mail"
                            : !caller.name.empty()   ? caller.name
                            : !caller.number.empty() ? words.number_form(caller.number)
                                                     : who(envelope, words);
  return display_name(fill(look.from_name, {{"caller", shown}}));
}

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

}  // namespace

std::string message_id(const Item& item, const Recipient& recipient) {
  std::string domain = item.envelope.sender_domain.substr(0, 253);
  for (char& c : domain) {
    if (!g_ascii_isalnum(c) && c != '.') c = '-';
  }
  return item.envelope.id.text() + "." + std::to_string(recipient.id.n) + "@" + (domain.empty() ? "localhost" : domain);
}

void set_headers(GMimeMessage* message, const Item& item, const Recipient& recipient, const Look& look,
                 const Letter& letter, const Wording& words) {
  const Envelope& envelope = item.envelope;
  g_mime_message_set_date(message, look.zone.at(date_of(item, recipient)).get());
  set_from(message, from_name(envelope, look, words), look.from);
  g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, nullptr, printable(recipient.address, kMostBytes).c_str());
  set_subject(message, letter.subject);
  set(message, "Message-ID", "<" + message_id(item, recipient) + ">");
  set(message, "MIME-Version", "1.0");
  set(message, "Auto-Submitted", "auto-generated");                                                      // RFC 3834
  set(message, "Message-Context", envelope.kind == Kind::voicemail ? "voice-message" : "text-message");  // RFC 3458
  set(message, "X-Auto-Response-Suppress", "All");
  set(message, "X-Sip2mail-Id", envelope.id.view());
  set(message, "X-Sip2mail-Kind", to_text(envelope.kind));
  set(message, "X-Sip2mail-Mailbox", envelope.mailbox);
  set(message, "X-Sip2mail-Caller", envelope.caller);
  set(message, "X-Sip2mail-Callee", envelope.callee);
  set(message, "X-Sip2mail-Call-ID", envelope.call_id);
  set(message, "X-Sip2mail-Reason", envelope.reason);
  set(message, "X-Sip2mail-Flags", join(to_texts(envelope.flags)));
}

void set_attached_duration(GMimeMessage* message, Delay attached) {
  set(message, "X-Sip2mail-Duration", std::to_string(seconds_rounded_up(attached)));
}

}  // namespace sip2mail
