// SPDX-License-Identifier: Apache-2.0
// What a fuzzer here is: LLVMFuzzerTestOneInput, libFuzzer's entry. It hands the bytes to a reader
// and lets a DataError pass; any other exception, a broken promise or a crash is a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace evenkeel::fuzz {

inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What a reader promises about what it accepted.
inline void require(bool kept) {
  if (!kept) std::abort();
}

}  // namespace evenkeel::fuzz
