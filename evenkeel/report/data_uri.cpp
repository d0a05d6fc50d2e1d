// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/data_uri.h"

#include <algorithm>
#include <string_view>

#include "evenkeel/formats/image_resize.h"
#include "evenkeel/formats/png.h"

namespace evenkeel {
namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Image made_to_fit(const Image& image, std::int64_t longest) {
  const std::int64_t side = std::max(image.height, image.width);
  if (side <= longest) return image;
  const auto scaled = [&](std::int64_t extent) {
    return std::max<std::int64_t>(1, extent * longest / side);
  };
  return resized(image, scaled(image.height), scaled(image.width));
}

}  // namespace

std::string base64(std::span<const std::byte> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < count ? std::to_integer<unsigned>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      text += k <= count ? kDigits[bits >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string data_uri(const Image& image, std::int64_t longest) {
  return "data:image/png;base64," + base64(png_bytes(made_to_fit(image, longest)));
}

}  // namespace evenkeel
