#include "gateway/relay/make_relay.hpp"

#include <algorithm>
#include <stdexcept>

#include "gateway/config/relay_url.hpp"
#include "gateway/relay/maildir_relay.hpp"
#include "gateway/relay/smtp_relay.hpp"

namespace sip2mail {

std::unique_ptr<Relay> make_relay(const RelaySettings& settings, const std::filesystem::path& queue_directory,
                                  Hurry hurry) {
  const auto url = read_relay_url(settings.url);
  if (!url) throw std::invalid_argument{"relay.url: " + url.error()};
  if (url->scheme == RelayUrl::Scheme::maildir)
    return std::make_unique<MaildirRelay>(queue_directory / url->path, settings.name);
  SmtpRelay::Options options{
      settings.name,   url->host, url->port, settings.helo, settings.timeout > Delay{0} ? settings.timeout : Delay{60s},
      std::move(hurry)};
  options.tls = url->scheme == RelayUrl::Scheme::starttls ? SmtpRelay::Tls::starttls
                : url->scheme == RelayUrl::Scheme::smtps  ? SmtpRelay::Tls::from_the_start
                                                          : SmtpRelay::Tls::none;
  options.ca_file = settings.tls_ca;
  options.verify = settings.tls_verify;
  options.user = settings.user;
  options.password = settings.password;
  options.auth = settings.auth;
  options.token_command = settings.token_command;
  return std::make_unique<SmtpRelay>(std::move(options));
}

bool is_envelope_address(std::string_view address) {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size() || address.size() > 320) return false;
  return std::none_of(address.begin(), address.end(),
                      [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7F || c == '<' || c == '>'; });
}

}  // namespace sip2mail
