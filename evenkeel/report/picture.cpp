// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "evenkeel/formats/image_resize.h"

namespace evenkeel {
namespace {

constexpr int kMostLines = 40;
constexpr std::string_view kShades = " .:-=+*#%@";
constexpr std::string_view kUpperHalf = "\xe2\x96\x80";  // U+2580

Image made_to_fit(const Image& image, int columns) {
  const double scale =
      std::min({1.0, static_cast<double>(columns) / static_cast<double>(image.width),
                2.0 * kMostLines / static_cast<double>(image.height)});
  const auto scaled = [&](std::int64_t extent) {
    return std::max<std::int64_t>(1, std::llround(std::floor(static_cast<double>(extent) * scale)));
  };
  return scale < 1 ? resized(image, scaled(image.height), scaled(image.width)) : image;
}

std::string shades(const Image& image) {
  const Image grey = to_grey(image);
  const Image cells = resized(grey, (grey.height + 1) / 2, grey.width);
  std::string text;
  for (std::size_t i = 0; i < cells.pixels.size(); ++i) {
    text += kShades[cells.pixels[i] * kShades.size() / 256];
    if ((i + 1) % static_cast<std::size_t>(cells.width) != 0) continue;
    text.erase(text.find_last_not_of(' ') + 1);
    text += '\n';
  }
  return text;
}

// The nearest of the 24 greys, black and white of a terminal's 256 colours.
int grey_code(int value) {
  if (value < 4) return 16;
  if (value > 246) return 231;
  return 232 + std::clamp((value - 3) / 10, 0, 23);
}

// The nearest step of a side of its colour cube.
int cube_step(int value) {
  constexpr std::array<int, 6> kLevels = {0, 95, 135, 175, 215, 255};
  const auto nearer = [&](int a, int b) { return std::abs(a - value) < std::abs(b - value); };
  return static_cast<int>(std::min_element(kLevels.begin(), kLevels.end(), nearer) -
                          kLevels.begin());
}

int colour_code(const Image& image, std::int64_t y, std::int64_t x) {
  if (y >= image.height) return grey_code(0);
  const std::uint8_t* pixel =
      image.pixels.data() + static_cast<std::size_t>((y * image.width + x) * image.channels);
  if (image.channels == 1 || (pixel[0] == pixel[1] && pixel[1] == pixel[2]))
    return grey_code(pixel[0]);
  return 16 + 36 * cube_step(pixel[0]) + 6 * cube_step(pixel[1]) + cube_step(pixel[2]);
}

std::string blocks(const Image& image) {
  std::string text;
  for (std::int64_t y = 0; y < image.height; y += 2) {
    int upper = -1;
    int lower = -1;
    for (std::int64_t x = 0; x < image.width; ++x) {
      const int above = colour_code(image, y, x);
      const int below = colour_code(image, y + 1, x);
      if (above != upper) text += "\x1b[38;5;" + std::to_string(above) + "m";
      if (below != lower) text += "\x1b[48;5;" + std::to_string(below) + "m";
      upper = above;
      lower = below;
      text += kUpperHalf;
    }
    text += "\x1b[0m\n";
  }
  return text;
}

}  // namespace

std::string picture(const Image& image, int columns, PictureStyle style) {
  if (image.pixels.empty()) return "";
  const Image small = made_to_fit(image, std::max(1, columns));
  return style == PictureStyle::ascii ? shades(small) : blocks(small);
}

}  // namespace evenkeel
