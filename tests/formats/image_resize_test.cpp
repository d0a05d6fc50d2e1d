// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/image_resize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "tests/support/image_files.h"

namespace evenkeel {
namespace {

using test::pattern_image;
using ::testing::Each;
using ::testing::ElementsAre;

Image row(std::vector<std::uint8_t> values) {
  return {1, static_cast<std::int64_t>(values.size()), 1, std::move(values)};
}

TEST(Resize, ShrinkingTakesTheMeanOfTheArea) {
  EXPECT_THAT(resized(row({0, 100, 50, 150}), 1, 2).pixels, ElementsAre(50, 100));
  // Each new pixel covers one and a half: (2*0 + 90) / 3, (90 + 2*30) / 3.
  EXPECT_THAT(resized(row({0, 90, 30}), 1, 2).pixels, ElementsAre(30, 50));
  const Image square{2, 2, 1, {10, 20, 30, 41}};
  EXPECT_THAT(resized(square, 1, 1).pixels, ElementsAre(25));
}

TEST(Resize, GrowingIsLinearBetweenCentres) {
  EXPECT_THAT(resized(row({0, 100}), 1, 4).pixels, ElementsAre(0, 25, 75, 100));
  EXPECT_THAT(resized(row({7}), 3, 2).pixels, ElementsAre(7, 7, 7, 7, 7, 7));
}

TEST(Resize, EachAxisAndChannelIsByItself) {
  const Image colour{2, 1, 3, {0, 100, 200, 10, 50, 0}};
  const Image result = resized(colour, 1, 2);
  EXPECT_EQ(describe(result), "2x1 colour");
  EXPECT_THAT(result.pixels, ElementsAre(5, 75, 100, 5, 75, 100));
}

TEST(Resize, ToItsOwnSizeChangesNothingAndConstantsStay) {
  const Image image = pattern_image(13, 7, 3);
  EXPECT_EQ(resized(image, 13, 7), image);
  const Image white{300, 200, 1, std::vector<std::uint8_t>(300 * 200, 255)};
  for (const auto& [height, width] : {std::pair{28, 28}, {1, 1}, {299, 401}, {500, 7}})
    EXPECT_THAT(resized(white, height, width).pixels, Each(255));
}

TEST(Resize, KeepsTheMeanOfAnyPictureThatShrinks) {
  const Image image = pattern_image(97, 61, 1);
  for (const auto& [height, width] : {std::pair{28, 28}, {50, 60}, {1, 61}})
    EXPECT_NEAR(brightness(resized(image, height, width)), brightness(image), 0.6);
}

TEST(Resize, RefusesSizesThatMakeNoSense) {
  const Image image = pattern_image(3, 3, 1);
  EXPECT_THROW(resized(image, 0, 3), InvalidArgument);
  EXPECT_THROW(resized(image, 3, -1), InvalidArgument);
  EXPECT_THROW(resized(image, std::int64_t{1} << 40, std::int64_t{1} << 40), InvalidArgument);
}

TEST(Grey, IsTheLumaAndEqualChannelsStayAsTheyAre) {
  const Image colours{1, 4, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}};
  EXPECT_THAT(to_grey(colours).pixels, ElementsAre(76, 150, 29, 255));
  const Image grey = pattern_image(9, 9, 1);
  EXPECT_EQ(to_grey(to_colour(grey)), grey);
  EXPECT_TRUE(is_grey(to_colour(grey)));
  EXPECT_FALSE(is_grey(colours));
}

TEST(Invert, SwapsBlackAndWhite) {
  EXPECT_THAT(inverted(row({0, 1, 255})).pixels, ElementsAre(255, 254, 0));
  EXPECT_NEAR(brightness(row({0, 255})), 127.5, 1e-9);
}

}  // namespace
}  // namespace evenkeel
