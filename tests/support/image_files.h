// SPDX-License-Identifier: Apache-2.0
// PNG and JPEG files made in memory, so that tests need none on disk.
#pragma once

#include <cstdint>

#include "evenkeel/formats/image.h"
#include "tests/support/idx_files.h"

namespace evenkeel::test {

// Grey or colour, a different value at every place.
Image pattern_image(std::int64_t height, std::int64_t width, std::int64_t channels);

struct PngKind {
  bool interlaced = false;
  int bits = 8;  // 8, or 16 for values v * 257
};
// image.channels 1 to 4: grey, grey and alpha, colour, colour and alpha.
ByteVector png_file(const Image& image, const PngKind& kind = {});
// Every pixel is an index into the palette {0: black, 1: red, 2: transparent blue}.
ByteVector palette_png_file(const Image& indices);
// Grey of 1 bit a pixel: every value is 0 or 1.
ByteVector bit_png_file(const Image& bits);
// The file with another size in its header, whose checksum is right.
ByteVector png_with_size(ByteVector file, std::uint32_t width, std::uint32_t height);

struct JpegKind {
  int quality = 95;
  bool progressive = false;
  bool arithmetic = false;  // coding, not Huffman
};
// image.channels: 1, 3, or 4 for CMYK.
ByteVector jpeg_file(const Image& image, const JpegKind& kind = {});
// The file with another size in its header.
ByteVector jpeg_with_size(ByteVector file, std::uint16_t width, std::uint16_t height);

}  // namespace evenkeel::test
