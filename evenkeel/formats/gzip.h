// SPDX-License-Identifier: Apache-2.0
// gzip (RFC 1952), inflated whole by zlib.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

// True when the bytes begin as a gzip file does.
EVENKEEL_API bool is_gzip(std::span<const std::byte> bytes);

// The first `count` bytes of the content, or fewer where there are no more or where it is damaged,
// which gunzip then says.
EVENKEEL_API std::vector<std::byte> gunzip_start(std::span<const std::byte> bytes,
                                                 std::size_t count);

// The content of one gzip file (of one or more members). DataError naming `where` when it is cut
// short, damaged (CRC-32 and length are checked), followed by anything else, or holds more than
// `limit` bytes.
EVENKEEL_API std::vector<std::byte> gunzip(std::span<const std::byte> bytes,
                                           const std::string& where, std::size_t limit);

}  // namespace evenkeel
