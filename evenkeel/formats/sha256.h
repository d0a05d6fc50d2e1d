// SPDX-License-Identifier: Apache-2.0
// SHA-256 (FIPS 180-4), by OpenSSL.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "evenkeel/base/export.h"

namespace evenkeel {

// 64 lower-case hex digits.
EVENKEEL_API std::string sha256(std::span<const std::byte> bytes);

}  // namespace evenkeel
