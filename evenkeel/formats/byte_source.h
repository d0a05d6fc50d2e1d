// SPDX-License-Identifier: Apache-2.0
// The bytes of a file read at any place, without the file in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>

#include "evenkeel/base/export.h"

namespace evenkeel {

struct ByteSource {
  std::uint64_t size = 0;
  // Fills `into` from byte `offset` on; both ends must be in [0, size].
  std::function<void(std::uint64_t offset, std::span<std::byte> into)> read;
};

// DataError when it is missing or no regular file; a read past what is left of a file that was cut
// since is a DataError too. One thread at a time.
EVENKEEL_API ByteSource file_source(const std::filesystem::path& path);

// The bytes must outlive it.
EVENKEEL_API ByteSource memory_source(std::span<const std::byte> bytes);

}  // namespace evenkeel
