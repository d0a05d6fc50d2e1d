// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/picture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace evenkeel {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Image filled(std::int64_t height, std::int64_t width, std::int64_t channels, std::uint8_t value) {
  return {height, width, channels,
          std::vector<std::uint8_t>(static_cast<std::size_t>(height * width * channels), value)};
}

TEST(Picture, ShadesTwoRowsWithOneCharacterAndEndsNoLineWithSpaces) {
  const Image image{4, 3, 1, {255, 0, 0, 255, 0, 0, 255, 0, 128, 0, 0, 130}};
  EXPECT_EQ(picture(image, 80, PictureStyle::ascii), "@\n+ +\n");
  EXPECT_EQ(picture(filled(2, 5, 1, 0), 80, PictureStyle::ascii), "\n");
  EXPECT_EQ(picture(filled(3, 2, 3, 255), 80, PictureStyle::ascii), "@@\n@@\n");
  EXPECT_EQ(picture(Image{}, 80, PictureStyle::ascii), "");
}

TEST(Picture, IsNeverWiderOrHigherThanItsRoom) {
  for (const auto& [height, width] : {std::pair{28, 28}, {300, 200}, {1, 5000}, {5000, 1}})
    for (const int columns : {1, 20, 64, 0, -3}) {
      const auto lines =
          lines_of(picture(filled(height, width, 1, 255), columns, PictureStyle::ascii));
      EXPECT_GE(lines.size(), 1U);
      EXPECT_LE(lines.size(), 40U);
      for (const std::string& line : lines)
        EXPECT_LE(static_cast<int>(line.size()), std::max(columns, 1)) << height << "x" << width;
    }
}

TEST(Picture, BlocksShowUpperAndLowerPixelAndResetTheColourAtEveryEnd) {
  const Image grey{3, 2, 1, {255, 255, 0, 0, 100, 0}};
  EXPECT_EQ(picture(grey, 80, PictureStyle::blocks),
            "\x1b[38;5;231m\x1b[48;5;16m\u2580\u2580\x1b[0m\n"
            "\x1b[38;5;241m\x1b[48;5;16m\u2580\x1b[38;5;16m\u2580\x1b[0m\n");
  const Image red{2, 1, 3, {255, 0, 0, 0, 0, 255}};
  EXPECT_EQ(picture(red, 80, PictureStyle::blocks), "\x1b[38;5;196m\x1b[48;5;21m\u2580\x1b[0m\n");
}

}  // namespace
}  // namespace evenkeel
