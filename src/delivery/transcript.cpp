#include "src/delivery/transcript.hpp"

#include <algorithm>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

constexpr std::size_t kMostText = 1000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string verb_of(std::string_view command) {
  return lower(command.substr(0, std::min(command.find_first_of(" \r\n"), command.size())));
}

Stage stage_of(std::string_view command) {
  const std::string verb = verb_of(command);
  if (verb == "ehlo" || verb == "helo") return Stage::ehlo;
  if (verb == "starttls") return Stage::starttls;
  if (verb == "mail") return Stage::mail;
  if (verb == "rcpt") return Stage::rcpt;
  if (verb == "data") return Stage::data;
  return Stage::auth;  // AUTH, and the lines of its exchange
}

}  // namespace

void Transcript::command(std::string_view bytes) {
  if (closed_) return;
  // What answers a challenge of AUTH is base64 and may spell any verb: "AB-" is QUIt.
  const bool challenged = at_ == Stage::auth && code_ == 334;
  if (!challenged && verb_of(bytes) == "quit") {
    closed_ = begun_;  // the end of this talk; before its beginning, that of an old connection
    return;
  }
  connected_ = begun_ = true;
  if (data_) return;
  at_ = challenged ? Stage::auth : stage_of(bytes);
  answered_ = false;
  code_ = 0;
  lines_ = 0;
  text_.clear();
}

bool Transcript::line(std::string_view bytes) {
  if (closed_) return true;
  connected_ = begun_ = true;
  const std::string_view said = trim(bytes);
  const bool number = said.size() >= 3 && said[0] >= '2' && said[0] <= '5' && is_digit(said[1]) && is_digit(said[2]);
  const bool last = said.size() == 3 || (number && said[3] == ' ');
  if (!number || !(last || said[3] == '-') || bytes.size() > kMostLine || ++lines_ > kMostLines) {
    not_smtp(said);
    return false;
  }
  if (answered_) {  // the answer to what was sent after 354, or one that nobody asked for
    answered_ = false;
    text_.clear();
  }
  if (text_.size() < kMostText) {
    if (!text_.empty()) text_ += ' ';
    text_ += said;
  }
  code_ = (said[0] - '0') * 100 + (said[1] - '0') * 10 + (said[2] - '0');
  if (at_ == Stage::ehlo && code_ == 250) take_offer(said.substr(std::min<std::size_t>(4, said.size())));
  if (!last) return true;
  answered_ = true;
  lines_ = 0;
  if (at_ == Stage::starttls && code_ == 220) secured_ = true;
  if (at_ == Stage::data && code_ == 354) {
    data_ = true;
    at_ = Stage::dot;
    answered_ = false;
    code_ = 0;
    text_.clear();
  }
  return true;
}

// "AUTH PLAIN LOGIN", and as old servers write it "AUTH=PLAIN LOGIN". What was offered before TLS does not count.
void Transcript::take_offer(std::string_view extension) {
  if (lines_ == 1) offers_auth_ = false;
  if (extension.size() > 5 && equal_ignoring_case(extension.substr(0, 4), "AUTH") &&
      (extension[4] == ' ' || extension[4] == '='))
    offers_auth_ = true;
}

void Transcript::not_smtp(std::string_view what) {
  foreign_ = true;
  text_ = what;
  code_ = 0;
}

Stage Transcript::stage(Ended ended) const {
  // With the mail on its way, only an answer tells whether it was taken; foreign words are none.
  if (data_ && (foreign_ || !answered_)) return Stage::unknown;
  if (foreign_) return Stage::not_smtp;
  switch (ended) {
    case Ended::well:
      return at_ == Stage::dot && code_ >= 200 && code_ < 300 ? Stage::accepted : at_;
    case Ended::resolve:
      return Stage::resolve;
    case Ended::connect:
      return Stage::connect;
    case Ended::tls:
      return Stage::tls;
    case Ended::certificate:
      return Stage::certificate;
    case Ended::no_tls:
      return Stage::starttls;
    case Ended::refused:
      break;
    case Ended::lost:
      if (at_ == Stage::starttls) return Stage::tls;  // in the handshake, or on the way to it
      break;
  }
  if (!connected_) return Stage::connect;
  // All was answered well and then the transport failed: the mail is the relay's (the answer to the dot counts).
  if (at_ == Stage::dot && code_ >= 200 && code_ < 300) return Stage::accepted;
  return at_;
}

Reply Transcript::reply(Ended ended, std::string_view words) const {
  Reply out;
  out.stage = stage(ended);
  // An answer that let the talk go on is not what ended it: "250 2.1.0 Ok" to MAIL, then silence.
  // A token is refused by a challenge that says why (RFC 7628 3.2.3), and libcurl does not wait for the 535 after it.
  const bool token_refused = out.stage == Stage::auth && code_ == 334 && ended == Ended::refused;
  const bool said = answered_ && !foreign_ &&
                    (out.stage == Stage::accepted || code_ >= 400 || out.stage == Stage::dot || token_refused);
  if (said) out.code = code_;
  out.text = printable(said ? std::string{text_} : std::string{words} + (foreign_ ? ": " + text_ : ""), kMostText);
  return out;
}

}  // namespace sip2mail
