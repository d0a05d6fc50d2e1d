// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/image.h"

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/formats/jpeg.h"
#include "evenkeel/formats/png.h"

namespace evenkeel {
namespace {

constexpr std::size_t kLargestFile = std::size_t{512} << 20;

}  // namespace

std::string describe(const Image& image) {
  return std::to_string(image.width) + "x" + std::to_string(image.height) +
         (image.channels == 1 ? " grey" : " colour");
}

Image parse_image(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.empty()) throw DataError(where, "expected a PNG or JPEG file, got an empty file");
  if (is_png(bytes)) return parse_png(bytes, where);
  if (is_jpeg(bytes)) return parse_jpeg(bytes, where);
  throw DataError(
      where, "expected a PNG or JPEG file, got one that begins like neither; convert it first");
}

Image read_image(const std::filesystem::path& path) {
  return parse_image(os::read_file(path, kLargestFile), path.string());
}

}  // namespace evenkeel
