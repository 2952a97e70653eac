// tests/core/mail/mail_fixture.hpp -- an ordinary item, and a composed mail read back by GMime.
#pragma once

#include <gmime/gmime.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "src/mail/compose.hpp"
#include "src/mail/gobject.hpp"

namespace sip2mail {

struct Example {
  Item item;
  Recipient recipient;
  MailContent content;
  Look look{"voicemail@example.com", "{caller}", "Reception", *Zone::load("Asia/Tokyo")};

  Example() {
    Envelope& envelope = item.envelope;
    envelope.id = *ItemId::parse("01KJKCTMT0T7W5X9Y2B6C1D0EF");
    envelope.mailbox = "2001";
    envelope.caller = "0312345678";
    envelope.caller_name = "Taro Yamada";
    envelope.callee = "2001";
    envelope.call_id = "a84b4c76e66710@192.0.2.10";
    envelope.reason = "no-answer";
    envelope.received = Timestamp{std::chrono::sys_days{std::chrono::March / 1 / 2026} + 30min};
    envelope.sender_domain = "example.com";
    item.began = envelope.received + 12s;
    item.duration = 41300ms;
    recipient.id = {envelope.id, 2};
    recipient.address = "taro@example.com";
    content.audio = Audio{"audio/mpeg", "mp3", std::make_shared<const std::string>(5000, '\x81'), 41300ms};
  }
  static Example text(std::string body) {
    Example example;
    example.item.envelope.kind = Kind::text;
    example.item.envelope.reason.clear();
    example.item.began.reset();
    example.item.duration.reset();
    example.content.audio.reset();
    example.content.parts = {{"text/plain", "", std::move(body)}};
    return example;
  }
  [[nodiscard]] std::string mail() const { return compose(item, recipient, content, look); }
};

// What a mail program sees.
class ReadMail {
 public:
  explicit ReadMail(const std::string& bytes) {
    const GObjectRef<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size())};
    const GObjectRef<GMimeParser> parser{g_mime_parser_new_with_stream(stream.get())};
    message_.reset(g_mime_parser_construct_message(parser.get(), nullptr));
    if (message_ == nullptr) throw std::runtime_error{"no mail"};
    collect(g_mime_message_get_mime_part(message_.get()));
  }

  struct Leaf {
    std::string type;
    std::string file;
    std::string charset;
    std::string duration;
    std::string body;
  };
  std::vector<Leaf> leaves;
  std::string shape;  // "mixed(alternative(plain html) mpeg)"

  [[nodiscard]] std::string header(const char* name) const { return header_of(GMIME_OBJECT(message_.get()), name); }
  [[nodiscard]] std::string from_name() const {
    const char* name =
        internet_address_get_name(internet_address_list_get_address(g_mime_message_get_from(message_.get()), 0));
    return name == nullptr ? "" : name;
  }
  [[nodiscard]] std::string from_address() const { return address(g_mime_message_get_from(message_.get())); }
  [[nodiscard]] std::string to_address() const { return address(g_mime_message_get_to(message_.get())); }

 private:
  static std::string text(const char* value) { return value == nullptr ? "" : value; }
  static std::string header_of(GMimeObject* object, const char* name) {
    GMimeHeader* header = g_mime_header_list_get_header(g_mime_object_get_header_list(object), name);
    return header == nullptr ? "" : text(g_mime_header_get_value(header));
  }
  static std::string address(InternetAddressList* list) {
    EXPECT_EQ(internet_address_list_length(list), 1);
    return text(
        internet_address_mailbox_get_addr(INTERNET_ADDRESS_MAILBOX(internet_address_list_get_address(list, 0))));
  }
  void collect(GMimeObject* object) {
    GMimeContentType* type = g_mime_object_get_content_type(object);
    shape += (shape.empty() || shape.back() == '(' ? "" : " ") + text(g_mime_content_type_get_media_subtype(type));
    if (GMIME_IS_MULTIPART(object)) {
      shape += '(';
      GMimeMultipart* multipart = GMIME_MULTIPART(object);
      for (int i = 0; i < g_mime_multipart_get_count(multipart); ++i) collect(g_mime_multipart_get_part(multipart, i));
      shape += ')';
      return;
    }
    const GMemory<char> name{g_mime_content_type_get_mime_type(type)};
    const GObjectRef<GMimeStream> stream{g_mime_stream_mem_new()};
    g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(object)), stream.get());
    const GByteArray* bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(stream.get()));
    leaves.push_back({name.get(),
                      text(g_mime_part_get_filename(GMIME_PART(object))),
                      text(g_mime_object_get_content_type_parameter(object, "charset")),
                      header_of(object, "Content-Duration"),
                      {reinterpret_cast<const char*>(bytes->data), bytes->len}});
  }

  GObjectRef<GMimeMessage> message_;
};

}  // namespace sip2mail
