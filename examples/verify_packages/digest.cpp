#include "digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <span>
#include <stdexcept>

namespace verify {
namespace {

void demand(int succeeded, const char* what) {
  if (succeeded != 1)
    throw std::runtime_error(std::string{"OpenSSL: "} + what + " failed; is the algorithm allowed here?");
}

std::string to_hex(std::span<const unsigned char> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const unsigned char byte : bytes) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

std::string finish(Digest digest, std::string_view bytes) {
  digest.update(bytes);
  return digest.hex();
}

}  // namespace

void Digest::Free::operator()(EVP_MD_CTX* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Digest Digest::md5() {
  return Digest{EVP_md5()};
}
Digest Digest::sha256() {
  return Digest{EVP_sha256()};
}

Digest::Digest(const EVP_MD* algorithm) : context_{EVP_MD_CTX_new()} {
  demand(context_ ? 1 : 0, "EVP_MD_CTX_new");
  demand(EVP_DigestInit_ex(context_.get(), algorithm, nullptr), "EVP_DigestInit_ex");
}

void Digest::update(std::string_view bytes) {
  demand(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()), "EVP_DigestUpdate");
}

std::string Digest::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> value{};
  unsigned int size = 0;
  demand(EVP_DigestFinal_ex(context_.get(), value.data(), &size), "EVP_DigestFinal_ex");
  return to_hex(std::span{value}.first(size));
}

std::string md5_of(std::string_view bytes) {
  return finish(Digest::md5(), bytes);
}
std::string sha256_of(std::string_view bytes) {
  return finish(Digest::sha256(), bytes);
}

}  // namespace verify
