// SPDX-License-Identifier: Apache-2.0
#include "tests/support/image_files.h"

// jpeglib.h needs FILE and size_t before it.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
// clang-format on
#include <png.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>

#include "evenkeel/base/crc32.h"

namespace evenkeel::test {
namespace {

struct PngHeader {
  const Image* image;
  int colour_type;
  int bits = 8;
  bool interlaced = false;
};

// rows: as PNG packs them. Errors of libpng end the program: a test's file is right or the test is
// wrong.
ByteVector write_png(const PngHeader& header, std::vector<ByteVector> rows) {
  ByteVector file;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &file,
      [](png_structp to, png_bytep bytes, std::size_t count) {
        auto& out = *static_cast<ByteVector*>(png_get_io_ptr(to));
        const auto* from = reinterpret_cast<const std::byte*>(bytes);
        out.insert(out.end(), from, from + count);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(header.image->width),
               static_cast<png_uint_32>(header.image->height), header.bits, header.colour_type,
               header.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (header.colour_type == PNG_COLOR_TYPE_PALETTE) {
    const std::array<png_color, 3> palette = {{{0, 0, 0}, {255, 0, 0}, {0, 0, 255}}};
    const std::array<png_byte, 3> alpha = {255, 255, 0};
    png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    png_set_tRNS(png, info, alpha.data(), static_cast<int>(alpha.size()), nullptr);
  }
  std::vector<png_bytep> pointers;
  pointers.reserve(rows.size());
  for (ByteVector& row : rows) pointers.push_back(reinterpret_cast<png_bytep>(row.data()));
  png_set_rows(png, info, pointers.data());
  png_write_png(png, info, PNG_TRANSFORM_IDENTITY, nullptr);
  png_destroy_write_struct(&png, &info);
  return file;
}

std::vector<ByteVector> rows_of(const Image& image, int bits) {
  const auto length = static_cast<std::size_t>(image.width * image.channels);
  std::vector<ByteVector> rows(static_cast<std::size_t>(image.height));
  for (std::size_t y = 0; y < rows.size(); ++y)
    for (std::size_t x = 0; x < length; ++x)
      rows[y].insert(rows[y].end(), static_cast<std::size_t>(bits / 8),
                     static_cast<std::byte>(image.pixels[y * length + x]));
  return rows;
}

void put_big_endian(ByteVector& file, std::size_t at, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    file.at(at + static_cast<std::size_t>(i)) =
        static_cast<std::byte>(value >> (8 * (bytes - 1 - i)) & 0xff);
}

}  // namespace

Image pattern_image(std::int64_t height, std::int64_t width, std::int64_t channels) {
  Image image{height, width, channels,
              std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * channels))};
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(i * 37 + i / 7);
  return image;
}

ByteVector png_file(const Image& image, const PngKind& kind) {
  constexpr std::array<int, 5> kTypes = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA,
                                         PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  return write_png(
      {&image, kTypes.at(static_cast<std::size_t>(image.channels)), kind.bits, kind.interlaced},
      rows_of(image, kind.bits));
}

ByteVector palette_png_file(const Image& indices) {
  return write_png({&indices, PNG_COLOR_TYPE_PALETTE}, rows_of(indices, 8));
}

ByteVector bit_png_file(const Image& bits) {
  std::vector<ByteVector> rows(static_cast<std::size_t>(bits.height));
  const auto width = static_cast<std::size_t>(bits.width);
  for (std::size_t y = 0; y < rows.size(); ++y) {
    rows[y].resize((width + 7) / 8);
    for (std::size_t x = 0; x < width; ++x)
      rows[y][x / 8] |= static_cast<std::byte>(bits.pixels[y * width + x] << (7 - x % 8));
  }
  return write_png({&bits, PNG_COLOR_TYPE_GRAY, 1}, std::move(rows));
}

ByteVector png_with_size(ByteVector file, std::uint32_t width, std::uint32_t height) {
  // Signature 8, length 4, "IHDR" 4, width 4, height 4, 5 more, CRC of type and data.
  put_big_endian(file, 16, width, 4);
  put_big_endian(file, 20, height, 4);
  put_big_endian(file, 29, crc32(std::span(file).subspan(12, 17)), 4);
  return file;
}

ByteVector jpeg_file(const Image& image, const JpegKind& kind) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &memory, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = static_cast<int>(image.channels);
  jpeg.in_color_space =
      image.channels == 1 ? JCS_GRAYSCALE : (image.channels == 3 ? JCS_RGB : JCS_CMYK);
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, kind.quality, TRUE);
  if (kind.progressive) jpeg_simple_progression(&jpeg);
  jpeg.arith_code = kind.arithmetic ? TRUE : FALSE;
  jpeg_start_compress(&jpeg, TRUE);
  auto pixels = image.pixels;
  const auto row_bytes = static_cast<std::size_t>(image.width * image.channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    JSAMPROW row = pixels.data() + jpeg.next_scanline * row_bytes;
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const std::unique_ptr<unsigned char, decltype(&std::free)> owner(memory, &std::free);
  const auto* begin = reinterpret_cast<const std::byte*>(memory);
  return {begin, begin + size};
}

ByteVector jpeg_with_size(ByteVector file, std::uint16_t width, std::uint16_t height) {
  for (std::size_t at = 2; at + 9 < file.size();) {
    const auto marker = std::to_integer<unsigned>(file[at + 1]);
    if (marker == 0xc0 || marker == 0xc2) {  // SOF0, SOF2: length 2, precision 1, height, width
      put_big_endian(file, at + 5, height, 2);
      put_big_endian(file, at + 7, width, 2);
      return file;
    }
    at += 2 + (std::to_integer<std::size_t>(file[at + 2]) << 8) +
          std::to_integer<std::size_t>(file[at + 3]);
  }
  throw std::runtime_error("expected a JPEG file with a frame header");
}

}  // namespace evenkeel::test
