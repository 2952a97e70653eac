#include "gateway/relay/certificate.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>

#include "src/base/text.hpp"

namespace sip2mail {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::string text_in(const Bio& bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return size > 0 ? printable(std::string_view{bytes, static_cast<std::size_t>(size)}, 200) : "";
}

std::string text_of(const X509_NAME* name) {
  const Bio bio{BIO_new(BIO_s_mem())};
  if (!bio || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB) < 0) return {};
  return "\"" + text_in(bio) + "\"";
}

std::string text_of(const ASN1_TIME* time) {
  const Bio bio{BIO_new(BIO_s_mem())};
  return bio && ASN1_TIME_print(bio.get(), time) == 1 ? text_in(bio) : "";
}

std::string text_of(const GENERAL_NAME& name) {
  if (name.type == GEN_DNS) {
    const ASN1_IA5STRING* dns = name.d.dNSName;
    return printable(std::string_view{reinterpret_cast<const char*>(dns->data), static_cast<std::size_t>(dns->length)},
                     200);
  }
  if (name.type != GEN_IPADD) return {};
  const ASN1_OCTET_STRING* address = name.d.iPAddress;
  std::string out;
  for (int i = 0; address->length == 4 && i < 4; ++i) out += (i > 0 ? "." : "") + std::to_string(address->data[i]);
  return out.empty() ? "an IPv6 address" : out;
}

// Subject alternative names; without any, the subject, which counts for nothing but says what it is.
std::string names_of(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> names{
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
  constexpr int most = 10;
  std::string out;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()) && i < most; ++i) {
    const std::string text = text_of(*sk_GENERAL_NAME_value(names.get(), i));
    if (!text.empty()) out += (out.empty() ? "" : ", ") + text;
  }
  return out.empty() ? text_of(X509_get_subject_name(certificate)) : out;
}

std::string fault_of(X509_STORE_CTX* store, const std::string& host, const std::string& ca_file) {
  const int error = X509_STORE_CTX_get_error(store);
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  if (certificate == nullptr) certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate == nullptr) return X509_verify_cert_error_string(error);
  const std::string whose = "the certificate " + text_of(X509_get_subject_name(certificate)) + " of " + host;
  switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: {
      const std::string among = ca_file.empty() ? "this system's CAs (set relay.tls-ca to a file that holds it)"
                                                : "the CAs in " + printable(ca_file, 200) + " (relay.tls-ca)";
      return whose + " comes from the CA " + text_of(X509_get_issuer_name(certificate)) + ", which is not among " +
             among;
    }
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return whose + " expired on " + text_of(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return whose + " is not valid before " + text_of(X509_get0_notBefore(certificate));
    default:
      return whose + " is not good: " + X509_verify_cert_error_string(error);
  }
}

}  // namespace

int CertificateWitness::verify(void* store, void* witness) {
  auto& self = *static_cast<CertificateWitness*>(witness);
  auto* context = static_cast<X509_STORE_CTX*>(store);
  const int good = X509_verify_cert(context);
  try {
    self.fault_ = good > 0 ? "" : fault_of(context, self.host_, self.ca_file_);
    X509* certificate = X509_STORE_CTX_get0_cert(context);
    self.names_ = certificate != nullptr ? names_of(certificate) : "";
  } catch (...) {  // no memory for words: C code calls
    return good;
  }
  return good;
}

void CertificateWitness::watch(void* ssl_ctx) {
  SSL_CTX_set_cert_verify_callback(
      static_cast<SSL_CTX*>(ssl_ctx),
      [](X509_STORE_CTX* store, void* witness) { return CertificateWitness::verify(store, witness); }, this);
}

std::string CertificateWitness::words(std::string_view otherwise) const {
  if (!fault_.empty()) return fault_;
  if (names_.empty()) return std::string{otherwise};
  return "the certificate is for " + names_ + " and not for " + host_ + ", the name in relay.url";
}

}  // namespace sip2mail
