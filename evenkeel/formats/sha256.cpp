// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "evenkeel/base/error.h"

namespace evenkeel {

std::string sha256(std::span<const std::byte> bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1)
    throw RuntimeFailure("SHA-256", "OpenSSL refused to compute it: check its configuration");
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += kDigits[digest[i] >> 4];
    text += kDigits[digest[i] & 15];
  }
  return text;
}

}  // namespace evenkeel
