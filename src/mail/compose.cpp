#include "src/mail/compose.hpp"

#include <gmime/gmime.h>

#include "src/base/text.hpp"
#include "src/mail/display.hpp"
#include "src/mail/encoded_words.hpp"
#include "src/mail/gobject.hpp"
#include "src/mail/headers.hpp"
#include "src/mail/letter.hpp"
#include "src/mail/template.hpp"
#include "src/mail/wording.hpp"
#include "src/text/charset.hpp"

namespace sip2mail {
namespace {

struct FreeOptions {
  void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
};

void start_gmime() {
  static const bool started = (g_mime_init(), true);
  static_cast<void>(started);
}

void set_content(GMimePart* part, std::string_view bytes) {
  const GObjectRef<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size())};
  const GObjectRef<GMimeDataWrapper> content{
      g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)};
  g_mime_part_set_content(part, content.get());
}

// Text in base64 keeps its line ends through the mail, so they must be those of mail (RFC 2045, 6.8).
std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

void add(GMimeMultipart* multipart, GMimePart* part) {
  g_mime_multipart_add(multipart, GMIME_OBJECT(part));
}

GObjectRef<GMimePart> text_part(const char* subtype, const std::string& text) {
  GObjectRef<GMimePart> part{g_mime_part_new_with_type("text", subtype)};
  g_mime_object_set_content_type_parameter(GMIME_OBJECT(part.get()), "charset", "utf-8");
  set_content(part.get(), text);
  // Quoted-printable or base64, whichever is shorter; 7bit only when no line is too long for SMTP (RFC 5321 4.5.3.1.6)
  // and none looks like one of our boundaries.
  auto encoding = g_mime_part_get_best_content_encoding(part.get(), GMIME_ENCODING_CONSTRAINT_7BIT);
  if (encoding != GMIME_CONTENT_ENCODING_BASE64 && text.find("--=_") != std::string::npos) {
    encoding = GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE;
  }
  g_mime_part_set_content_encoding(part.get(), encoding);
  if (encoding == GMIME_CONTENT_ENCODING_BASE64) set_content(part.get(), with_crlf(text));
  return part;
}

void name_attachment(GMimePart* part, const std::string& name) {
  GMimeObject* object = GMIME_OBJECT(part);
  g_mime_object_set_disposition(object, GMIME_DISPOSITION_ATTACHMENT);
  if (!needs_encoded_words(name)) {
    g_mime_part_set_filename(part, name.c_str());
    return;
  }
  // RFC 2231 in one piece: GMime would cut it inside a character, and some programs decode each piece by itself or
  // know no pieces. The old "name" of Content-Type stays away: no encoding of it is understood by all.
  const GMemory<char> escaped{g_uri_escape_string(name.c_str(), nullptr, FALSE)};
  GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), "Content-Disposition");
  g_mime_header_set_raw_value(header, (std::string{" attachment;\n filename*=utf-8''"} + escaped.get() + "\n").c_str());
}

GObjectRef<GMimePart> audio_part(const Audio& audio, const std::string& name) {
  const std::size_t slash = audio.type.find('/');
  GObjectRef<GMimePart> part{
      g_mime_part_new_with_type(audio.type.substr(0, slash).c_str(), audio.type.substr(slash + 1).c_str())};
  set_content(part.get(), *audio.bytes);
  g_mime_part_set_content_encoding(part.get(), GMIME_CONTENT_ENCODING_BASE64);
  name_attachment(part.get(), name);
  g_mime_object_set_header(GMIME_OBJECT(part.get()), "Content-Duration",  // RFC 2424: whole seconds
                           std::to_string(seconds_rounded_up(audio.duration)).c_str(), nullptr);
  return part;
}

std::string audio_name(const Item& item, const Audio& audio, const Look& look) {
  const Envelope& envelope = item.envelope;
  const std::string time = look.zone.format(item.began.value_or(envelope.received), "%Y%m%dT%H%M%S");
  return std::string{to_text(envelope.kind)} + "-" + time + "-" + file_component(envelope.caller) + "-" +
         file_component(envelope.mailbox) + "." + file_component(audio.extension);
}

// A name, not a path.
std::string attachment_name(const std::string& name) {
  std::string line = one_line(name, 60);
  for (char& c : line) {
    if (c == '/' || c == '\\' || c == ':') c = '_';
  }
  return line.empty() ? "attachment.txt" : line;
}

// Not to be guessed by who writes the text, the same for all its tries; "=_" cannot stand in quoted-printable
// or base64 (RFC 2045, 6.7).
std::string boundary(const Item& item, const Recipient& recipient, const char* which) {
  return "=_" + item.envelope.id.text() + "." + std::to_string(recipient.id.n) + "." + which;
}

std::string bytes_of(GMimeMessage* message) {
  const std::unique_ptr<GMimeFormatOptions, FreeOptions> options{g_mime_format_options_new()};
  g_mime_format_options_set_newline_format(options.get(), GMIME_NEWLINE_FORMAT_DOS);
  g_mime_format_options_set_param_encoding_method(options.get(), GMIME_PARAM_ENCODING_METHOD_RFC2231);
  const GObjectRef<GMimeStream> stream{g_mime_stream_mem_new()};
  g_mime_object_write_to_stream(GMIME_OBJECT(message), options.get(), stream.get());
  const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
  return {reinterpret_cast<const char*>(bytes->data), bytes->len};
}

}  // namespace

std::string compose(const Item& item, const Recipient& recipient, const MailContent& content, const Look& look) {
  start_gmime();
  const Wording& words = wording_in(look.language);
  const Letter letter = write_letter(item, recipient, content, look, words);

  const GObjectRef<GMimeMultipart> alternative{g_mime_multipart_new_with_subtype("alternative")};
  g_mime_multipart_set_boundary(alternative.get(), boundary(item, recipient, "text").c_str());
  add(alternative.get(), text_part("plain", as_plain(letter, words)).get());
  add(alternative.get(), text_part("html", as_html(letter)).get());

  const GObjectRef<GMimeMultipart> mixed{g_mime_multipart_new_with_subtype("mixed")};
  g_mime_multipart_set_boundary(mixed.get(), boundary(item, recipient, "mail").c_str());
  g_mime_multipart_add(mixed.get(), GMIME_OBJECT(alternative.get()));

  const GObjectRef<GMimeMessage> message{g_mime_message_new(FALSE)};
  set_headers(message.get(), item, recipient, look, letter, words);
  if (content.audio && recipient.form != Form::no_audio) {
    add(mixed.get(), audio_part(*content.audio, audio_name(item, *content.audio, look)).get());
    set_attached_duration(message.get(), content.audio->duration);
  }
  for (const Part& part : content.parts) {
    if (part.name.empty()) continue;
    const auto attached = text_part("plain", harmless(valid_utf8(part.body)));
    name_attachment(attached.get(), attachment_name(part.name));
    add(mixed.get(), attached.get());
  }
  g_mime_message_set_mime_part(message.get(), GMIME_OBJECT(mixed.get()));
  return bytes_of(message.get());
}

}  // namespace sip2mail
