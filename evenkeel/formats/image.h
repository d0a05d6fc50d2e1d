// SPDX-License-Identifier: Apache-2.0
// Images of 8 bits a channel, and the files they come in: PNG (libpng) and JPEG (libjpeg-turbo).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/base/export.h"

namespace evenkeel {

struct Image {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 0;         // 1: grey, 3: red, green, blue
  std::vector<std::uint8_t> pixels;  // [H,W,C]
  friend bool operator==(const Image&, const Image&) = default;
};

// "300x200 colour": width, height.
EVENKEEL_API std::string describe(const Image& image);

// Of any file; a header that asks for more is refused before anything is allocated.
inline constexpr std::int64_t kMostPixels = std::int64_t{64} << 20;

// A PNG or JPEG file, told by its first bytes. DataError naming `where` when it is neither, cut
// short, damaged, or larger than kMostPixels or than a file of its size can be. Sample values are
// taken as they stand, without gamma or colour profiles, and pictures are not turned as EXIF says.
// PNG: palettes become colour, 16 bits are rounded to 8, transparency is laid on white, interlaced
// files are fine. JPEG: grey and colour; CMYK is refused.
EVENKEEL_API Image parse_image(std::span<const std::byte> bytes, const std::string& where);
EVENKEEL_API Image read_image(const std::filesystem::path& path);

}  // namespace evenkeel
