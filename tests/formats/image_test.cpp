// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "evenkeel/base/error.h"
#include "tests/support/image_files.h"

namespace evenkeel {
namespace {

using test::jpeg_file;
using test::pattern_image;
using test::png_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Each pixel near to the other's: JPEG loses a little.
void expect_near(const Image& image, const Image& expected, int tolerance) {
  ASSERT_EQ(describe(image), describe(expected));
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    ASSERT_LE(std::abs(image.pixels[i] - expected.pixels[i]), tolerance) << "at " << i;
}

Image ramp(std::int64_t height, std::int64_t width, std::int64_t channels) {
  Image image = pattern_image(height, width, channels);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint8_t>(40 + i / static_cast<std::size_t>(channels));
  return image;
}

TEST(Png, GivesTheSamePixelsInGreyAndColourPlainAndInterlaced) {
  for (const std::int64_t channels : {1, 3})
    for (const auto& [height, width] : {std::pair{1, 1}, {5, 9}, {28, 28}, {17, 3}})
      for (const bool interlaced : {false, true}) {
        const Image image = pattern_image(height, width, channels);
        EXPECT_EQ(parse_image(png_file(image, {.interlaced = interlaced}), "f.png"), image)
            << describe(image) << interlaced;
      }
}

TEST(Png, SixteenBitsAreRoundedToEight) {
  for (const std::int64_t channels : {1, 3}) {
    const Image image = pattern_image(4, 5, channels);
    EXPECT_EQ(parse_image(png_file(image, {.bits = 16}), "f.png"), image);
  }
}

TEST(Png, TransparencyIsLaidOnWhite) {
  const Image grey{1, 3, 2, {100, 255, 100, 0, 0, 128}};
  EXPECT_THAT(parse_image(png_file(grey), "f.png").pixels, ElementsAre(100, 255, 127));
  const Image colour{1, 2, 4, {10, 20, 30, 255, 10, 20, 30, 0}};
  const Image result = parse_image(png_file(colour), "f.png");
  EXPECT_EQ(describe(result), "2x1 colour");
  EXPECT_THAT(result.pixels, ElementsAre(10, 20, 30, 255, 255, 255));
}

TEST(Png, PalettesBecomeColourAndBitsGrey) {
  const Image result = parse_image(test::palette_png_file({1, 3, 1, {1, 0, 2}}), "f.png");
  EXPECT_THAT(result.pixels, ElementsAre(255, 0, 0, 0, 0, 0, 255, 255, 255));
  const Image bits = parse_image(test::bit_png_file({2, 3, 1, {1, 0, 1, 0, 1, 1}}), "f.png");
  EXPECT_EQ(describe(bits), "3x2 grey");
  EXPECT_THAT(bits.pixels, ElementsAre(255, 0, 255, 0, 255, 255));
}

TEST(Jpeg, GivesNearlyTheSamePixelsInGreyAndColour) {
  for (const std::int64_t channels : {1, 3})
    for (const bool progressive : {false, true}) {
      const Image image = ramp(9, 20, channels);
      expect_near(parse_image(jpeg_file(image, {.progressive = progressive}), "f.jpg"), image, 6);
    }
}

TEST(Jpeg, CmykIsRefusedWithAWayOut) {
  try {
    parse_image(jpeg_file(pattern_image(8, 8, 4)), "print.jpg");
    FAIL() << "CMYK was read";
  } catch (const DataError& error) {
    EXPECT_EQ(error.where(), "print.jpg");
    EXPECT_THAT(error.what(), HasSubstr("convert it to RGB"));
  }
}

// A few bytes of it may stand for any number of pixels.
TEST(Jpeg, ArithmeticCodingIsRefusedWithAWayOut) {
  try {
    parse_image(jpeg_file(pattern_image(8, 8, 3), {.arithmetic = true}), "rare.jpg");
    FAIL() << "arithmetic coding was read";
  } catch (const DataError& error) {
    EXPECT_EQ(error.where(), "rare.jpg");
    EXPECT_THAT(error.what(), HasSubstr("convert it first"));
  }
}

TEST(ReadImage, TellsTheKindByTheBytesAndNotByTheName) {
  const test::TemporaryFolder folder;
  const Image image = pattern_image(6, 4, 1);
  test::write_bytes(folder / "picture.jpg", png_file(image));
  EXPECT_EQ(read_image(folder / "picture.jpg"), image);
  EXPECT_THROW(read_image(folder / "missing.png"), DataError);
  test::write_bytes(folder / "text.png", test::bytes_of("not a picture"));
  EXPECT_THROW(read_image(folder / "text.png"), DataError);
  EXPECT_THROW(read_image(folder.path()), DataError);
}

}  // namespace
}  // namespace evenkeel
