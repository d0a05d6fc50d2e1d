// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/jpeg.h"

// jpeglib.h needs FILE and size_t before it, and jerror.h the settings of jpeglib.h.
// clang-format off
#include <cstdio>
#include <jpeglib.h>
#include <jerror.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <string>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/image_limits.h"

namespace evenkeel {
namespace {

// Every block of 8 x 8 costs at least a bit.
constexpr std::int64_t kMostPixelsPerByte = 512;
// Of a progressive file; encoders make about ten, and each costs as much as a whole picture.
constexpr int kMostScans = 100;

// Warnings after which the pixels are not the picture's. Others (a newer JFIF, bytes between
// markers) change nothing.
bool spoils_pixels(int code) {
  return code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC || code == JWRN_NOT_SEQUENTIAL ||
         code == JWRN_BOGUS_PROGRESSION;
}

// libjpeg reports an error by calling on_error, which jumps back into the function that called it.
// Such functions are the members below that begin with setjmp: no object with a destructor may live
// in them.
class JpegReader {
 public:
  JpegReader() {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = on_error;
    errors_.emit_message = on_message;
    errors_.output_message = [](j_common_ptr) {};
    progress_.progress_monitor = on_progress;
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  // All up to the pixels.
  bool read_header(const unsigned char* bytes, std::size_t size) noexcept {
    if (setjmp(jump_) != 0) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.progress = &progress_;
    jpeg_mem_src(&jpeg_, bytes, static_cast<unsigned long>(size));
    jpeg_read_header(&jpeg_, TRUE);
    return true;
  }
  // pixels: [H,W,channels()].
  bool read_rows(std::uint8_t* pixels) noexcept {
    if (setjmp(jump_) != 0) return false;
    jpeg_.out_color_space = channels() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&jpeg_);
    while (jpeg_.output_scanline < jpeg_.output_height) {
      JSAMPROW row = pixels + std::size_t{jpeg_.output_scanline} * jpeg_.output_width *
                                  static_cast<std::size_t>(channels());
      jpeg_read_scanlines(&jpeg_, &row, 1);
    }
    jpeg_finish_decompress(&jpeg_);
    return true;
  }

  std::int64_t height() const { return jpeg_.image_height; }
  std::int64_t width() const { return jpeg_.image_width; }
  std::int64_t channels() const { return jpeg_.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3; }
  bool arithmetic() const { return jpeg_.arith_code != FALSE; }
  J_COLOR_SPACE color_space() const { return jpeg_.jpeg_color_space; }
  std::string message() const { return message_.data(); }

 private:
  static JpegReader& of(j_common_ptr jpeg) { return *static_cast<JpegReader*>(jpeg->client_data); }
  [[noreturn]] static void on_error(j_common_ptr jpeg) {
    JpegReader& reader = of(jpeg);
    reader.errors_.format_message(jpeg, reader.message_.data());
    std::longjmp(reader.jump_, 1);
  }
  static void on_message(j_common_ptr jpeg, int level) {
    if (level < 0 && spoils_pixels(jpeg->err->msg_code)) on_error(jpeg);
  }
  static void on_progress(j_common_ptr jpeg) {
    JpegReader& reader = of(jpeg);
    if (reader.jpeg_.input_scan_number <= kMostScans) return;
    std::snprintf(reader.message_.data(), reader.message_.size(), "more than %d scans", kMostScans);
    std::longjmp(reader.jump_, 1);
  }

  jpeg_decompress_struct jpeg_ = {};
  jpeg_error_mgr errors_ = {};
  jpeg_progress_mgr progress_ = {};
  std::jmp_buf jump_ = {};
  std::array<char, JMSG_LENGTH_MAX> message_ = {};
};

[[noreturn]] void fail_jpeg(const std::string& where, const JpegReader& reader) {
  throw DataError(where, "is a damaged JPEG file: " + reader.message());
}

}  // namespace

bool is_jpeg(std::span<const std::byte> bytes) {
  return bytes.size() >= 3 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8} &&
         bytes[2] == std::byte{0xff};
}

Image parse_jpeg(std::span<const std::byte> bytes, const std::string& where) {
  JpegReader reader;
  if (!reader.read_header(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()))
    fail_jpeg(where, reader);
  require_pixels(reader.height(), reader.width(), where);
  const J_COLOR_SPACE space = reader.color_space();
  if (space != JCS_GRAYSCALE && space != JCS_YCbCr && space != JCS_RGB)
    throw DataError(where,
                    "expected a JPEG file in grey or colour, got one in CMYK or another colour "
                    "space of printers; convert it to RGB first");
  // Its blocks may cost nearly nothing, so that the file's size would bound nothing.
  if (reader.arithmetic())
    throw DataError(where,
                    "expected a JPEG file in Huffman coding, got one in arithmetic coding, which "
                    "few programs read; convert it first, e.g. to PNG");
  if (reader.height() * reader.width() >
      kMostPixelsPerByte * static_cast<std::int64_t>(bytes.size()))
    fail_too_short(reader.height(), reader.width(), bytes.size(), where);

  std::vector<std::uint8_t> pixels(
      static_cast<std::size_t>(reader.height() * reader.width() * reader.channels()));
  if (!reader.read_rows(pixels.data())) fail_jpeg(where, reader);
  return {reader.height(), reader.width(), reader.channels(), std::move(pixels)};
}

}  // namespace evenkeel
