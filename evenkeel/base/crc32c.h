// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli, RFC 3720; polynomial 0x82F63B78 reflected), as in TensorFlow's record files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "evenkeel/base/export.h"

namespace evenkeel {

// crc32c(b, crc32c(a)) == crc32c(a followed by b).
EVENKEEL_API std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace evenkeel
