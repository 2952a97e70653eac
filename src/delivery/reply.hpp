// src/delivery/reply.hpp -- what a relay said to one transaction: the stage it ended at, the code, the words.
//
// A value, made by the relays (gateway/relay), judged by judge.hpp, stored by the queue.
#pragma once

#include <string>
#include <string_view>

namespace sip2mail {

enum class Stage {
  resolve,      // DNS
  connect,      // TCP
  tls,          // handshake, not the certificate
  certificate,  // expired, wrong name, unknown CA
  banner,
  ehlo,
  starttls,
  auth,
  mail,
  rcpt,
  data,      // the DATA command itself
  dot,       // the answer to the final dot was a refusal
  unknown,   // no answer after the final dot: it may have been taken
  not_smtp,  // what came is no SMTP, a line over 4 KiB, or more than 100 lines
  accepted,
};

[[nodiscard]] std::string_view to_text(Stage stage);

struct Reply {
  Stage stage = Stage::connect;
  int code = 0;         // basic code of the last answer; 0: none came
  std::string text;     // whole, lines joined by a space, printable, at most 1,000 characters
  std::string relay;    // name of the relay
  bool reused = false;  // the connection had carried a transaction before
};

}  // namespace sip2mail
