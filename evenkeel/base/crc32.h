// SPDX-License-Identifier: Apache-2.0
// CRC-32 as in gzip and PNG (polynomial 0xEDB88320), by zlib.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "evenkeel/base/export.h"

namespace evenkeel {

// crc32(b, crc32(a)) == crc32(a followed by b).
EVENKEEL_API std::uint32_t crc32(std::span<const std::byte> bytes, std::uint32_t before = 0);

}  // namespace evenkeel
