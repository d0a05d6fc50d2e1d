// SPDX-License-Identifier: Apache-2.0
#include <png.h>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/png.h"

namespace evenkeel {
namespace {

[[noreturn]] void fail(const png_image& png) {
  throw RuntimeFailure("PNG", std::string("libpng could not write a picture: ") + png.message);
}

void require_picture(const Image& image) {
  const bool size = image.height > 0 && image.width > 0 && image.height <= kMostPixels &&
                    image.width <= kMostPixels / image.height;
  const bool channels = image.channels == 1 || image.channels == 3;
  if (size && channels &&
      static_cast<std::int64_t>(image.pixels.size()) == image.height * image.width * image.channels)
    return;
  throw InvalidArgument(
      "PNG", "expected a picture [H,W,C] of at least one pixel with C = 1 or 3, got [" +
                 std::to_string(image.height) + "," + std::to_string(image.width) + "," +
                 std::to_string(image.channels) + "] and " + std::to_string(image.pixels.size()) +
                 " values");
}

}  // namespace

std::vector<std::byte> png_bytes(const Image& image) {
  require_picture(image);
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = 0;
  const auto write = [&](void* memory) {
    return png_image_write_to_memory(&png, memory, &size, 0, image.pixels.data(), 0, nullptr) != 0;
  };
  if (!write(nullptr)) fail(png);  // how much it takes
  std::vector<std::byte> bytes(size);
  if (!write(bytes.data())) fail(png);
  bytes.resize(size);
  return bytes;
}

}  // namespace evenkeel
