#include "src/delivery/judge.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// Enhanced status codes (RFC 3463) of the reply: whole words of the form 5.7.1, bare, or as qmail writes them
// "(#5.7.1)". An IP address has one dot too many, a version number the wrong first digit.
bool is_enhanced(std::string_view word, char enhanced_class) {
  if (word.size() < 5 || word[0] != enhanced_class || word[1] != '.') return false;
  const auto second_dot = word.find('.', 2);
  if (second_dot == std::string_view::npos) return false;
  const std::string_view subject = word.substr(2, second_dot - 2);
  const std::string_view detail = word.substr(second_dot + 1);
  const auto number = [](std::string_view text) {
    return !text.empty() && text.size() <= 3 && std::all_of(text.begin(), text.end(), is_digit);
  };
  return number(subject) && number(detail);
}

// The reply as the rows ask it.
class Words {
 public:
  explicit Words(const Reply& reply) : code_{reply.code}, text_{without_addresses(lower(reply.text))} {
    const char own_class = code_ >= 500 ? '5' : '4';  // a code of another class than the basic one is ignored
    std::size_t at = 0;
    while (at < text_.size()) {
      const std::size_t end = std::min(text_.find_first_of(" -()#:;,[]", at), text_.size());
      const std::string_view word = std::string_view{text_}.substr(at, end - at);
      if (is_enhanced(word, own_class)) enhanced_.emplace_back(word);
      at = end + 1;
    }
  }

  [[nodiscard]] bool code(std::initializer_list<int> codes) const {
    return std::find(codes.begin(), codes.end(), code_) != codes.end();
  }
  [[nodiscard]] bool enhanced(std::initializer_list<std::string_view> codes) const {
    return std::any_of(codes.begin(), codes.end(), [&](std::string_view code) {
      return std::find(enhanced_.begin(), enhanced_.end(), code) != enhanced_.end();
    });
  }
  // "5.7." and 606 to 649.
  [[nodiscard]] bool enhanced_between(std::string_view subject, int first, int last) const {
    return std::any_of(enhanced_.begin(), enhanced_.end(), [&](const std::string& code) {
      if (!code.starts_with(subject)) return false;
      int detail = 0;
      for (const char c : code.substr(subject.size())) detail = detail * 10 + (c - '0');
      return detail >= first && detail <= last;
    });
  }
  [[nodiscard]] bool says(std::initializer_list<std::string_view> phrases) const {
    return std::any_of(phrases.begin(), phrases.end(),
                       [&](std::string_view phrase) { return text_.find(phrase) != std::string::npos; });
  }
  // "rate" and "ratelimit", not "separate" or "rated".
  [[nodiscard]] bool says_rate() const {
    constexpr std::string_view rate = "rate";
    for (auto at = text_.find(rate); at != std::string::npos; at = text_.find(rate, at + 1)) {
      const std::string_view rest = std::string_view{text_}.substr(at + rate.size());
      if (at > 0 && is_letter(text_[at - 1])) continue;
      if (rest.empty() || !is_letter(rest[0]) || rest.starts_with("limit")) return true;
    }
    return false;
  }

 private:
  // An address in the reply is the user's, not the relay's words: <rate@example.com>.
  static std::string without_addresses(std::string text) {
    for (auto open = text.find('<'); open != std::string::npos; open = text.find('<', open + 1)) {
      const auto close = text.find('>', open);
      if (close == std::string::npos) break;
      if (const auto at = text.find('@', open); at < close) text.erase(open + 1, close - open - 1);
    }
    return text;
  }

  int code_;
  std::string text_;
  std::vector<std::string> enhanced_;
};

bool too_large(const Reply& reply, const Words& words) {
  if (reply.code < 500 || reply.stage < Stage::mail || reply.stage > Stage::dot) return false;
  if (words.enhanced({"5.3.4", "5.2.3"})) return true;
  if (words.enhanced({"5.2.2"}) || words.says({"mailbox", "quota", "storage"})) return false;  // full, not too large
  return words.says({"message size", "size exceed", "size limit", "maximum size", "exceeds the size", "too large",
                     "too big", "too much mail data", "size of the message", "maximum message"});
}

bool not_to_be_had(const Reply& reply) {
  switch (reply.stage) {
    case Stage::resolve:
    case Stage::connect:
    case Stage::tls:
    case Stage::banner:
    case Stage::ehlo:
    case Stage::not_smtp:
      return true;
    case Stage::certificate:
      return false;
    case Stage::starttls:  // without a code: it was not offered
      return reply.code == 421;
    case Stage::auth:
    case Stage::mail:
    case Stage::rcpt:
    case Stage::data:
      return reply.code == 0 || reply.code == 421;  // lost before the mail was on its way
    case Stage::dot:
      return reply.code == 421;
    case Stage::unknown:
    case Stage::accepted:
      return false;
  }
  return true;
}

bool refuses_everybody(const Reply& reply, const Words& words) {
  if (words.code({530, 504})) return true;
  if (words.says({"relay access denied", "relaying denied", "unable to relay", "relay not permitted",
                  "relaying not permitted", "relaying not allowed"}))
    return true;
  if (words.enhanced({"5.7.54", "5.7.64"})) return true;
  if (words.enhanced({"5.1.7", "5.1.8", "5.7.57", "5.7.60"})) return true;
  if (words.says({"sendasdenied", "not verified", "not owned by"})) return true;
  if (reply.code >= 500 && words.says({"sender address rejected"})) return true;
  // Postfix delays what it has against us to RCPT.
  if (reply.code >= 500 && words.says({"client host rejected", "helo command rejected"})) return true;
  // Its submission port without AUTH. Exchange Online says the same words of one unknown address, with 550 5.4.1.
  if (words.code({554}) && words.enhanced({"5.7.1"}) && words.says({"recipient address rejected: access denied"}))
    return true;
  if (words.enhanced_between("5.7.", 606, 649) || words.says({"blocked using", "blacklisted", "spamhaus"})) return true;
  return words.enhanced_between("5.2.", 250, 259);
}

bool wants_fewer(const Reply& reply, const Words& words) {
  if (words.code({432})) return true;
  if (reply.stage == Stage::mail && words.code({450, 451, 452, 454})) return true;
  if (reply.code >= 400 && reply.code < 500 &&
      (words.enhanced({"4.7.28", "4.3.2"}) || words.says_rate() || words.says({"throttl", "too many", "connections"})))
    return true;
  // Of us, not of the recipient; a greylist among the restrictions for clients is the recipient's all the same.
  if (reply.code >= 400 && reply.code < 500 && !words.says({"greylist", "graylist"}) &&
      words.says({"client host rejected", "helo command rejected", "sender address rejected", "server configuration"}))
    return true;
  return (words.code({550}) && words.enhanced({"5.4.5"})) || (words.code({554}) && words.enhanced({"5.2.0"}));
}

// One connection too many, while others may well be served.
bool is_crowded(const Reply& reply, const Words& words) {
  return reply.code == 421 && !reply.reused && words.says({"connections"}) &&
         words.says({"too many", "concurren", "maximum number"});
}

}  // namespace

Verdict judge(const Reply& reply, Speaks speaks) {
  if (reply.stage == Stage::accepted) return Verdict::delivered;
  if (reply.stage == Stage::unknown) return Verdict::unknown;
  const Words words{reply};
  if (too_large(reply, words)) return Verdict::smaller;
  if (is_crowded(reply, words)) return Verdict::crowded;
  if (not_to_be_had(reply)) {
    // A server that closes idle connections says 421, or nothing, to the first command of the next mail.
    const bool old = reply.reused && (reply.code == 421 || (reply.code == 0 && reply.stage == Stage::mail));
    return old ? Verdict::reconnect : Verdict::relay;
  }
  if (reply.stage == Stage::certificate || reply.stage == Stage::starttls) return Verdict::relay_configuration;
  if (reply.stage == Stage::auth && reply.code == 454) return Verdict::relay;
  // 334 is a refused token whose 535 did not come any more.
  if (reply.stage == Stage::auth && (reply.code >= 500 || reply.code == 334)) return Verdict::relay_configuration;
  if ((words.code({550}) && words.enhanced({"5.7.30"})) || words.enhanced({"5.7.139"}))
    return Verdict::relay_configuration;
  if (speaks == Speaks::for_all && reply.code >= 400 && refuses_everybody(reply, words))
    return Verdict::relay_configuration;
  if (reply.stage == Stage::mail && reply.code >= 500) return Verdict::relay_configuration;
  if (wants_fewer(reply, words)) return Verdict::throttle;
  if (reply.stage < Stage::rcpt) return Verdict::relay;
  if (reply.code >= 400 && reply.code < 500) return Verdict::defer;
  if (reply.code >= 500 && reply.code < 600) return Verdict::fail;
  // Neither yes nor no. After the final dot it may have been taken; before it nothing was.
  return reply.stage == Stage::dot ? Verdict::unknown : Verdict::relay;
}

std::string_view to_text(Verdict verdict) {
  constexpr std::array<std::string_view, 10> names{
      "delivered", "relay",   "relay configuration", "throttle", "defer", "fail",
      "smaller",   "unknown", "reconnect",           "crowded"};
  return names[static_cast<std::size_t>(verdict)];
}

}  // namespace sip2mail
