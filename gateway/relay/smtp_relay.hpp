// gateway/relay/smtp_relay.hpp -- mail to an SMTP server by libcurl: one connection, kept from mail to mail.
//
// Owned by one sender thread. send() blocks; every step of it is bounded by `timeout`, the whole by a multiple. After
// anything but an acceptance the handle goes, and the connection with it: libcurl would take a late answer to this mail
// for one to the next. TLS is never less than asked for: without it, without AUTH where there is a user, and without a
// token where there is a command for one, nothing is sent. A token is kept until the relay refuses it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/settings.hpp"
#include "gateway/relay/relay.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

class SmtpRelay final : public Relay {
 public:
  enum class Tls { none, starttls, from_the_start };
  struct Options {
    std::string name;
    std::string host;
    std::uint16_t port = 25;
    std::string helo;  // empty: FQDN of this host, else [address]
    Delay timeout{60s};
    std::shared_ptr<const std::atomic<bool>> hurry{};  // when set, a transaction ends within a second or two
    Tls tls = Tls::none;
    std::string ca_file{};  // empty: the system's
    bool verify = true;
    std::string user{};  // empty: no AUTH
    std::string password{};
    RelayAuth auth = RelayAuth::automatic;
    std::vector<std::string> token_command{};  // instead of a password
  };
  explicit SmtpRelay(Options options);
  ~SmtpRelay() override;

  [[nodiscard]] Reply send(const Mail& mail) override;

 private:
  struct Handle;
  [[nodiscard]] std::unique_ptr<Handle> connect_handle() const;
  void set_tls(Handle& handle) const;
  void set_login(Handle& handle) const;
  [[nodiscard]] Reply transact(const Mail& mail);
  [[nodiscard]] std::optional<Reply> fetch_token();
  [[nodiscard]] Reply not_sent(Stage stage, int code, const std::string& words) const;

  const Options options_;
  std::unique_ptr<Handle> handle_;
  std::string token_;
};

}  // namespace sip2mail
