#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <string_view>

namespace verify {

// A checksum that is fed piece by piece. Throws `std::runtime_error` when OpenSSL refuses the algorithm.
class Digest {
 public:
  [[nodiscard]] static Digest md5();
  [[nodiscard]] static Digest sha256();

  void update(std::string_view bytes);
  // Lower-case hexadecimal digits. Ends the digest: call it once, last.
  [[nodiscard]] std::string hex();

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const noexcept;
  };
  explicit Digest(const EVP_MD* algorithm);

  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

[[nodiscard]] std::string md5_of(std::string_view bytes);
[[nodiscard]] std::string sha256_of(std::string_view bytes);

}  // namespace verify
