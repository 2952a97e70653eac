#include "src/text/dedupe.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace sip2mail {
namespace {

class Sha256 {
 public:
  Sha256() : context_{EVP_MD_CTX_new(), EVP_MD_CTX_free} {
    require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void number(std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    take(bytes.data(), bytes.size());
  }
  void field(std::string_view text) {
    number(text.size());
    take(text.data(), text.size());
  }
  [[nodiscard]] std::array<std::uint8_t, 32> result() {
    std::array<std::uint8_t, 32> digest{};
    require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    return digest;
  }

 private:
  static void require(bool worked) {
    if (!worked) throw std::runtime_error{"libcrypto cannot compute SHA-256"};
  }
  void take(const void* bytes, std::size_t size) { require(EVP_DigestUpdate(context_.get(), bytes, size) == 1); }

  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::array<std::uint8_t, 32> dedupe_key(const DedupeFields& fields) {
  Sha256 hash;
  hash.field(fields.call_id);
  hash.number(fields.cseq);
  hash.field(fields.method);
  hash.field(fields.from_tag);
  hash.field(fields.mailbox);
  hash.field(fields.body);
  return hash.result();
}

}  // namespace sip2mail
