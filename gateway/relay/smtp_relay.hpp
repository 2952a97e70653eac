// gateway/relay/smtp_relay.hpp -- mail to an SMTP server by libcurl: one connection, kept from mail to mail.
//
// Owned by one sender thread. send() blocks; every step of it is bounded by `timeout`, the whole by a multiple. After
// anything but an acceptance the handle goes, and the connection with it: libcurl would take a late answer to this mail
// for one to the next.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/relay/relay.hpp"
#include "src/base/time.hpp"

namespace sip2mail {

class SmtpRelay final : public Relay {
 public:
  struct Options {
    std::string name;
    std::string host;
    std::uint16_t port = 25;
    std::string helo;  // empty: FQDN of this host, else [address]
    Delay timeout{60s};
    std::shared_ptr<const std::atomic<bool>> hurry{};  // when set, a transaction ends within a second or two
  };
  explicit SmtpRelay(Options options);
  ~SmtpRelay() override;

  [[nodiscard]] Reply send(const Mail& mail) override;

 private:
  struct Handle;
  [[nodiscard]] std::unique_ptr<Handle> connect_handle() const;

  const Options options_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace sip2mail
