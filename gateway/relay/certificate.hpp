// gateway/relay/certificate.hpp -- why a relay's certificate was not good, in words: which CA, which name, which date.
//
// Owned by one relay's object; OpenSSL verifies, this only looks on. libcurl's own words name neither CA nor names.
#pragma once

#include <string>
#include <string_view>

namespace sip2mail {

class CertificateWitness {
 public:
  CertificateWitness(std::string host, std::string ca_file) : host_{std::move(host)}, ca_file_{std::move(ca_file)} {}
  CertificateWitness(const CertificateWitness&) = delete;
  CertificateWitness& operator=(const CertificateWitness&) = delete;

  // Looks on in this SSL_CTX, which it must outlive.
  void watch(void* ssl_ctx);
  // After a handshake that ended by the certificate; `otherwise` when nothing was seen.
  [[nodiscard]] std::string words(std::string_view otherwise) const;

 private:
  static int verify(void* store, void* witness);

  const std::string host_;     // of relay.url
  const std::string ca_file_;  // empty: the system's
  std::string fault_;          // of chain or date
  std::string names_;          // that a good chain ends in
};

}  // namespace sip2mail
