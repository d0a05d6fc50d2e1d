// SPDX-License-Identifier: Apache-2.0
// IDX, the format of MNIST: big-endian magic {0, 0, type, rank}, one u32 per dimension, then the
// elements. Only unsigned bytes (type 8). Plain or gzip-compressed files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"

namespace evenkeel {

// What is in a file's bytes; `values` points into them.
struct IdxView {
  Shape shape;  // [N,H,W] images, [N] labels
  std::span<const std::uint8_t> values;
};

// Checks magic, type, rank and that the dimensions make exactly the bytes that follow; nothing is
// allocated. DataError naming `where`.
EVENKEEL_API IdxView parse_idx(std::span<const std::byte> bytes, std::size_t rank,
                               const std::string& where);

// The file's content. When it is gzip it is inflated as far as the IDX header in it says, and what
// does not begin with one not past that: parse_idx then says what is wrong. DataError when missing,
// damaged, longer than the header says, or over 2 GiB.
EVENKEEL_API std::vector<std::byte> read_maybe_gzip(const std::filesystem::path& path);

}  // namespace evenkeel
