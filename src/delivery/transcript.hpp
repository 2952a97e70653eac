// src/delivery/transcript.hpp -- one SMTP transaction as it was seen: commands out, lines in; at its end, a Reply.
//
// Pure, owned by the relay's object for one mail. Knows at which stage the talk stands by the last command, and takes
// no more than SMTP allows (RFC 5321 4.2: a code, then a space or a hyphen), so what is no SMTP is seen at its first
// line.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "src/delivery/reply.hpp"

namespace sip2mail {

// How the transport says that it ended.
enum class Ended {
  well,         // all was said and answered
  resolve,      // the name is not known
  connect,      // nobody answers
  tls,          // the handshake failed
  certificate,  // the peer is not who it should be
  no_tls,       // STARTTLS was asked for and not to be had
  refused,      // a reply ended it
  lost,         // connection closed, or silence for too long
};

class Transcript {
 public:
  static constexpr std::size_t kMostLine = 4096;
  static constexpr int kMostLines = 100;  // of one reply

  void connected() { connected_ = true; }
  void command(std::string_view bytes);
  // One line of a reply; false: this is no SMTP, the talk is over.
  [[nodiscard]] bool line(std::string_view bytes);
  void not_smtp(std::string_view what);

  // The last EHLO has its whole answer, and in it AUTH.
  [[nodiscard]] bool greeted() const { return at_ == Stage::ehlo && answered_ && code_ == 250; }
  [[nodiscard]] bool offers_auth() const { return offers_auth_; }
  [[nodiscard]] bool secured() const { return secured_; }  // STARTTLS was answered with 220

  // `words` of the transport stand where the relay has said nothing.
  [[nodiscard]] Reply reply(Ended ended, std::string_view words) const;

 private:
  [[nodiscard]] Stage stage(Ended ended) const;
  void take_offer(std::string_view extension);

  Stage at_ = Stage::banner;  // the command that waits for its answer, or was answered last
  bool connected_ = false;
  bool begun_ = false;
  bool closed_ = false;    // QUIT: what comes after it is not about this mail
  bool data_ = false;      // 354 came: the mail is on its way
  bool answered_ = false;  // the last command has its whole answer
  bool foreign_ = false;
  bool offers_auth_ = false;
  bool secured_ = false;
  int code_ = 0;
  int lines_ = 0;
  std::string text_;
};

}  // namespace sip2mail
