// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/png.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/image_limits.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kLargestPngRatio = 1032;  // deflate cannot expand further
constexpr png_alloc_size_t kLargestChunk = 8000000;

// libpng reports an error by a long jump back into the function that called it. Such functions are
// the members below that begin with setjmp: no object with a destructor may live in them.
class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> bytes) : left_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) throw RuntimeFailure("PNG", "libpng could not be started: out of memory");
    png_set_read_fn(png_, this, on_read);
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  // All up to the pixels.
  bool read_header() noexcept {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // ours are checked by the caller
    png_set_chunk_malloc_max(png_, kLargestChunk);
    png_set_chunk_cache_max(png_, 1);  // 1: none. Texts may inflate to gigabytes, and nobody asks
    png_read_info(png_, info_);
    height_ = png_get_image_height(png_, info_);
    width_ = png_get_image_width(png_, info_);
    packed_row_bytes_ = static_cast<std::int64_t>(png_get_rowbytes(png_, info_));
    return true;
  }
  // Asks for 8-bit grey or colour, with or without alpha; libpng makes its buffers of a row here.
  bool start_rows() noexcept {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_set_expand(png_);  // palettes, fewer bits than 8, one transparent colour
    png_set_scale_16(png_);
    png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    channels_ = png_get_channels(png_, info_);
    return true;
  }
  // rows: height() pointers to width() * channels() bytes.
  bool read_rows(png_bytepp rows) noexcept {
    if (setjmp(png_jmpbuf(png_)) != 0) return false;
    png_read_image(png_, rows);
    png_read_end(png_, nullptr);
    return true;
  }

  std::int64_t height() const { return height_; }
  std::int64_t width() const { return width_; }
  std::int64_t channels() const { return channels_; }  // 2 and 4: the last is alpha
  std::int64_t packed_row_bytes() const { return packed_row_bytes_; }
  std::string message() const { return message_.data(); }

 private:
  static void on_error(png_structp png, png_const_charp text) {
    auto& reader = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader.message_.data(), reader.message_.size(), "%s", text);
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}
  static void on_read(png_structp png, png_bytep to, std::size_t count) {
    auto& reader = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (count > reader.left_.size()) png_error(png, "it ends too early");
    std::memcpy(to, reader.left_.data(), count);
    reader.left_ = reader.left_.subspan(count);
  }

  std::span<const std::byte> left_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::int64_t height_ = 0;
  std::int64_t width_ = 0;
  std::int64_t channels_ = 0;
  std::int64_t packed_row_bytes_ = 0;
  std::array<char, 200> message_ = {};
};

[[noreturn]] void fail_png(const std::string& where, const PngReader& reader) {
  throw DataError(where, "is a damaged PNG file: " + reader.message());
}

// Lays the picture on white and drops alpha, in place. pixels: [N, channels], alpha last.
void drop_alpha(std::vector<std::uint8_t>& pixels, std::size_t channels) {
  const std::size_t kept = channels - 1;
  const std::size_t count = pixels.size() / channels;
  for (std::size_t i = 0; i < count; ++i) {
    const unsigned alpha = pixels[i * channels + kept];
    for (std::size_t c = 0; c < kept; ++c) {
      const unsigned mixed = pixels[i * channels + c] * alpha + 255 * (255 - alpha);
      pixels[i * kept + c] = static_cast<std::uint8_t>((mixed + 127) / 255);
    }
  }
  pixels.resize(count * kept);
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  constexpr std::array<unsigned char, 4> kStart = {0x89, 'P', 'N', 'G'};
  return bytes.size() >= kStart.size() &&
         std::memcmp(bytes.data(), kStart.data(), kStart.size()) == 0;
}

Image parse_png(std::span<const std::byte> bytes, const std::string& where) {
  PngReader reader(bytes);
  if (!reader.read_header()) fail_png(where, reader);
  require_pixels(reader.height(), reader.width(), where);
  if (reader.packed_row_bytes() * reader.height() >
      kLargestPngRatio * static_cast<std::int64_t>(bytes.size()))
    fail_too_short(reader.height(), reader.width(), bytes.size(), where);
  if (!reader.start_rows()) fail_png(where, reader);

  const auto height = static_cast<std::size_t>(reader.height());
  const auto channels = static_cast<std::size_t>(reader.channels());
  const std::size_t row_bytes = static_cast<std::size_t>(reader.width()) * channels;
  std::vector<std::uint8_t> pixels(height * row_bytes);
  std::vector<png_bytep> rows(height);
  for (std::size_t y = 0; y < height; ++y) rows[y] = pixels.data() + y * row_bytes;
  if (!reader.read_rows(rows.data())) fail_png(where, reader);
  const bool alpha = channels % 2 == 0;
  if (alpha) drop_alpha(pixels, channels);
  return {reader.height(), reader.width(), reader.channels() - (alpha ? 1 : 0), std::move(pixels)};
}

}  // namespace evenkeel
