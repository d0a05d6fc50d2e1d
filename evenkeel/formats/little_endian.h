// SPDX-License-Identifier: Apache-2.0
// Numbers in a file's bytes, the least significant byte first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace evenkeel {

// `count` bytes at `at`, which must be there; at most 8.
inline std::uint64_t little_endian(std::span<const std::byte> bytes, std::size_t at,
                                   std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = count; i > 0; --i)
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[at + i - 1]);
  return value;
}

}  // namespace evenkeel
