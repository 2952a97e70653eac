#include "gateway/relay/smtp_relay.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <string_view>

#include "gateway/relay/certificate.hpp"
#include "gateway/relay/helo.hpp"
#include "gateway/relay/make_relay.hpp"
#include "gateway/relay/token_command.hpp"
#include "src/base/text.hpp"
#include "src/delivery/judge.hpp"
#include "src/delivery/transcript.hpp"

namespace sip2mail {
namespace {

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(started);
}

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What one mail needs while libcurl speaks for it.
struct Talk {
  std::string_view left;
  Transcript transcript;
  bool over = false;
  const std::atomic<bool>* hurry = nullptr;
  const curl_socket_t* socket = nullptr;
  bool needs_auth = false;
  bool needs_starttls = false;
  bool no_auth = false;  // what it needs was not offered
};

std::size_t read_mail(char* to, std::size_t size, std::size_t count, void* talk) {
  std::string_view& left = static_cast<Talk*>(talk)->left;
  const std::size_t bytes = std::min(size * count, left.size());
  std::memcpy(to, left.data(), bytes);
  left.remove_prefix(bytes);
  return bytes;
}

// Between two mails (an old connection is closed with QUIT) there is no talk.
std::size_t take_line(char* line, std::size_t size, std::size_t count, void* user) {
  if (user == nullptr) return size * count;
  Talk& talk = *static_cast<Talk*>(user);
  if (talk.over || !talk.transcript.line({line, size * count})) {
    talk.over = true;
    return 0;
  }
  // libcurl would go on without.
  if (talk.needs_auth && talk.transcript.greeted() && !talk.transcript.offers_auth() &&
      (!talk.needs_starttls || talk.transcript.secured())) {
    talk.over = talk.no_auth = true;
    return 0;
  }
  return size * count;
}

int take_trace(CURL*, curl_infotype type, char* text, std::size_t size, void* user) {
  if (user == nullptr) return 0;
  Talk& talk = *static_cast<Talk*>(user);
  const std::string_view said{text, size};
  if (type == CURLINFO_HEADER_OUT) talk.transcript.command(said);
  // The only word of a line that does not end: the line itself is cut and handed to nobody.
  if (type == CURLINFO_TEXT && said.starts_with("Excessive server response line length")) {
    talk.transcript.not_smtp("a line over 4 KiB");
    talk.over = true;
  }
  return 0;
}

int may_go_on(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  if (user == nullptr) return 0;
  const Talk& talk = *static_cast<Talk*>(user);
  if (!talk.over && (talk.hurry == nullptr || !talk.hurry->load(std::memory_order_relaxed))) return 0;
  // Else libcurl says QUIT and waits for an answer as long as for any other.
  if (*talk.socket != CURL_SOCKET_BAD) ::shutdown(*talk.socket, SHUT_RDWR);
  return 1;
}

int take_socket(void* socket, curl_socket_t opened, curlsocktype) {
  *static_cast<curl_socket_t*>(socket) = opened;
  return CURL_SOCKOPT_OK;
}

// Before the socket is closed: its number may soon be another file's.
int close_socket(void* socket, curl_socket_t closing) {
  auto& known = *static_cast<curl_socket_t*>(socket);
  if (known == closing) known = CURL_SOCKET_BAD;
  return ::close(closing);
}

Ended ended(CURLcode result) {
  switch (result) {
    case CURLE_OK:
      return Ended::well;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return Ended::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
      return Ended::connect;
    case CURLE_SSL_CONNECT_ERROR:
      return Ended::tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Ended::certificate;
    case CURLE_USE_SSL_FAILED:
      return Ended::no_tls;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_LOGIN_DENIED:
    case CURLE_REMOTE_ACCESS_DENIED:
      return Ended::refused;
    default:
      return Ended::lost;  // send and receive errors, timeouts: what was said last decides
  }
}

CURLcode watch_certificate(CURL*, void* ssl_ctx, void* witness) {
  static_cast<CertificateWitness*>(witness)->watch(ssl_ctx);
  return CURLE_OK;
}

const char* login_options(RelayAuth auth, bool token) {
  switch (auth) {
    case RelayAuth::automatic:  // not NTLM; with a token not the one that Google and Microsoft do less well
      return token ? "AUTH=XOAUTH2" : "AUTH=PLAIN;AUTH=LOGIN;AUTH=CRAM-MD5;AUTH=DIGEST-MD5";
    case RelayAuth::plain:
      return "AUTH=PLAIN";
    case RelayAuth::login:
      return "AUTH=LOGIN";
    case RelayAuth::xoauth2:
      return "AUTH=XOAUTH2";
    case RelayAuth::oauthbearer:
      return "AUTH=OAUTHBEARER";
  }
  return "AUTH=PLAIN";
}

}  // namespace

struct SmtpRelay::Handle {
  CertificateWitness witness;  // outlives the connection
  CURL* curl = nullptr;
  curl_socket_t socket = CURL_SOCKET_BAD;  // the connection's, while it is open
  std::array<char, CURL_ERROR_SIZE> error{};
  Handle(const std::string& host, const std::string& ca_file) : witness{host, ca_file}, curl{curl_easy_init()} {
    if (curl == nullptr) throw std::bad_alloc{};
  }
  ~Handle() {
    // The cleanup says QUIT and waits for the answer: of a relay that hangs, as long as for any other. Nobody needs it.
    if (socket != CURL_SOCKET_BAD) ::shutdown(socket, SHUT_RD);
    curl_easy_cleanup(curl);
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
};

SmtpRelay::SmtpRelay(Options options) : options_{std::move(options)} {
  start_curl();
}
SmtpRelay::~SmtpRelay() = default;

std::unique_ptr<SmtpRelay::Handle> SmtpRelay::connect_handle() const {
  auto handle = std::make_unique<Handle>(options_.host, options_.ca_file);
  CURL* curl = handle->curl;
  const std::string helo = options_.helo.empty() ? greeting_name(options_.host, options_.port) : options_.helo;
  const std::unique_ptr<char, decltype(&curl_free)> path{
      curl_easy_escape(curl, helo.c_str(), static_cast<int>(helo.size())), &curl_free};
  const bool v6 = options_.host.find(':') != std::string::npos;
  const std::string scheme = options_.tls == Tls::from_the_start ? "smtps" : "smtp";
  const std::string url = scheme + "://" + (v6 ? "[" + options_.host + "]" : options_.host) + ":" +
                          std::to_string(options_.port) + "/" + (path ? path.get() : "");
  const long timeout = static_cast<long>(options_.timeout.count());
  const long seconds = std::max(1L, timeout / 1000);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, scheme.c_str());
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // none of the environment's either
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, handle->error.data());
  curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, &read_mail);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &take_line);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, &take_trace);
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, &take_socket);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, &handle->socket);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
  curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, &handle->socket);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &may_go_on);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  // A line of more than half of this is "excessive".
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, static_cast<long>(2 * Transcript::kMostLine));
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout, 30'000L));
  curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, seconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, seconds);
  set_tls(*handle);
  set_login(*handle);
  return handle;
}

void SmtpRelay::set_tls(Handle& handle) const {
  CURL* curl = handle.curl;
  curl_easy_setopt(curl, CURLOPT_USE_SSL,
                   static_cast<long>(options_.tls == Tls::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  if (options_.tls == Tls::none) return;
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, options_.verify ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, options_.verify ? 2L : 0L);
  if (!options_.ca_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);  // these CAs, and not the system's beside them
  }
  if (!options_.verify) return;
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_FUNCTION, &watch_certificate);
  curl_easy_setopt(curl, CURLOPT_SSL_CTX_DATA, &handle.witness);
}

void SmtpRelay::set_login(Handle& handle) const {
  if (options_.user.empty()) return;
  const bool token = !options_.token_command.empty();
  curl_easy_setopt(handle.curl, CURLOPT_USERNAME, options_.user.c_str());
  curl_easy_setopt(handle.curl, token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD,
                   token ? token_.c_str() : options_.password.c_str());
  curl_easy_setopt(handle.curl, CURLOPT_LOGIN_OPTIONS, login_options(options_.auth, token));
}

Reply SmtpRelay::not_sent(Stage stage, int code, const std::string& words) const {
  return {stage, code, printable(std::to_string(code) + " " + words, 1000), options_.name, false};
}

// The reply to the mail when there is none to be had.
std::optional<Reply> SmtpRelay::fetch_token() {
  token_.clear();
  constexpr Delay most = 60s;
  std::string why;
  bool later = true;
  try {
    auto token = run_token_command(options_.token_command, std::min(options_.timeout, most), options_.hurry.get());
    if (token) {
      token_ = std::move(*token);
      return std::nullopt;
    }
    why = std::move(token.error().why);
    later = token.error().later;
  } catch (const std::exception& error) {  // no descriptors, no memory
    why = error.what();
  }
  return later ? not_sent(Stage::auth, 454, "4.7.0 not sent, there is no token: " + why)
               : not_sent(Stage::auth, 535, "5.7.8 not sent, there is no token: " + why);
}

Reply SmtpRelay::send(const Mail& mail) {
  if (!is_envelope_address(mail.recipient))
    return not_sent(Stage::rcpt, 501, "5.1.3 not sent: the recipient's address cannot stand in an SMTP envelope");
  if (!is_envelope_address(mail.sender))
    return not_sent(Stage::mail, 501, "5.1.7 not sent: the sender's address cannot stand in an SMTP envelope");
  if (options_.token_command.empty()) return transact(mail);
  const bool fresh = token_.empty();
  if (fresh) {
    if (auto trouble = fetch_token()) return *trouble;
  }
  Reply reply = transact(mail);
  const bool refused = reply.stage == Stage::auth && judge(reply) == Verdict::relay_configuration;
  if (!refused) return reply;
  // It may only have expired; a new one that is refused too is refused for another reason.
  if (fresh) {
    token_.clear();
    return reply;
  }
  if (auto trouble = fetch_token()) return *trouble;
  reply = transact(mail);
  if (reply.stage == Stage::auth) token_.clear();
  return reply;
}

Reply SmtpRelay::transact(const Mail& mail) {
  if (!handle_) handle_ = connect_handle();
  CURL* curl = handle_->curl;
  Talk talk{*mail.bytes, {}, false, options_.hurry.get(), &handle_->socket};
  talk.needs_auth = !options_.user.empty();
  talk.needs_starttls = options_.tls == Tls::starttls;
  const std::string recipient = "<" + mail.recipient + ">";
  const std::unique_ptr<curl_slist, FreeList> recipients{curl_slist_append(nullptr, recipient.c_str())};
  curl_easy_setopt(curl, CURLOPT_MAIL_FROM, ("<" + mail.sender + ">").c_str());
  curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients.get());
  curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.bytes->size()));
  curl_easy_setopt(curl, CURLOPT_READDATA, &talk);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &talk);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &talk);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &talk);
  // connect, banner, EHLO, MAIL, RCPT, DATA, dot: each has its own bound, and a line too slow for one KiB/s has one
  // too.
  const auto upload = static_cast<long>(mail.bytes->size() / 1024 * 1000);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, 7 * static_cast<long>(options_.timeout.count()) + upload);
  handle_->error[0] = '\0';

  const CURLcode result = curl_easy_perform(curl);

  long connections = 0;
  curl_off_t connected = 0;
  curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connections);
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected);
  if (connected > 0) talk.transcript.connected();
  std::string words = handle_->error[0] != '\0' ? handle_->error.data() : curl_easy_strerror(result);
  if (ended(result) == Ended::certificate) words = handle_->witness.words(words);
  if (ended(result) == Ended::no_tls)
    words = "the relay offers no STARTTLS, so nothing was sent: smtps:// or another port may be meant";
  if (words.find("wrong version number") != std::string::npos)
    words = "the relay does not speak TLS on port " + std::to_string(options_.port) + ": " + words;
  Reply reply = talk.transcript.reply(ended(result), words);
  // libcurl ends so too when it knows none of the offered ways.
  if (talk.no_auth || (result == CURLE_LOGIN_DENIED && reply.stage == Stage::ehlo))
    reply = not_sent(Stage::auth, 504, "5.5.4 not sent: the relay offers no AUTH, or none of relay.auth");
  reply.relay = options_.name;
  reply.reused = connections == 0 && connected >= 0 && result != CURLE_COULDNT_CONNECT &&
                 result != CURLE_COULDNT_RESOLVE_HOST && reply.stage >= Stage::mail;
  if (result != CURLE_OK || reply.stage != Stage::accepted) handle_.reset();
  // The mail's own pointers must not outlive it in the handle.
  if (handle_) {
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, nullptr);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, nullptr);
    curl_easy_setopt(curl, CURLOPT_DEBUGDATA, nullptr);
    curl_easy_setopt(curl, CURLOPT_READDATA, nullptr);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, nullptr);
  }
  return reply;
}

}  // namespace sip2mail
