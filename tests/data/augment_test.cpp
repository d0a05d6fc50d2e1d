// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/augment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"

namespace evenkeel {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

Bytes augmented(const Augmentation& augmentation, const Shape& shape, const Bytes& image,
                std::int64_t place = 0, std::int64_t step = 0, std::uint64_t seed = 1) {
  Bytes out(image.size(), 77);
  augment(augmentation, seed, step, place, shape, image, out);
  return out;
}

Bytes random_image(const Shape& shape, std::uint64_t seed = 1) {
  const Random random(seed, Purpose::test, 0);
  Bytes image(static_cast<std::size_t>(shape.elements()));
  for (std::size_t i = 0; i < image.size(); ++i)
    image[i] = static_cast<std::uint8_t>(1 + random.below(i, 255));
  return image;
}

const std::vector<Shape> kShapes = {{1, 1, 1}, {1, 1, 3}, {1, 5, 1}, {4, 1, 2},
                                    {5, 7, 1}, {8, 8, 3}, {6, 3, 4}, {3, 9, 3}};

// What is said in so many words: pixel (r, c) comes to lie at (r + down, c + right).
Bytes moved(const Bytes& image, std::int64_t H, std::int64_t W, std::int64_t down,
            std::int64_t right) {
  Bytes out(image.size(), 0);
  for (std::int64_t r = 0; r < H; ++r)
    for (std::int64_t c = 0; c < W; ++c)
      if (r + down >= 0 && r + down < H && c + right >= 0 && c + right < W)
        out[static_cast<std::size_t>((r + down) * W + c + right)] =
            image[static_cast<std::size_t>(r * W + c)];
  return out;
}

// How often each result came over `count` places of a batch.
std::map<Bytes, int> results(const Augmentation& augmentation, const Shape& shape,
                             const Bytes& image, int count) {
  std::map<Bytes, int> seen;
  for (int place = 0; place < count; ++place) ++seen[augmented(augmentation, shape, image, place)];
  return seen;
}

std::string refusal(const Augmentation& augmentation, const Shape& image) {
  try {
    require_valid(augmentation, image);
  } catch (const InvalidArgument& error) {
    return error.what();
  }
  return "accepted";
}

TEST(Augment, NothingAskedForLeavesAnImageAsItIs) {
  for (const Shape& shape : kShapes) {
    const Bytes image = random_image(shape);
    EXPECT_EQ(augmented({}, shape, image), image) << to_string(shape);
  }
  EXPECT_FALSE(Augmentation{}.any());
  EXPECT_TRUE(Augmentation{.cutout = 1}.any());
}

TEST(Augment, FlipSwapsLeftAndRightInHalfOfTheImages) {
  const Bytes grey = {1, 2, 3,  //
                      4, 5, 6};
  const auto seen = results({.flip = true}, {2, 3, 1}, grey, 1000);
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_NEAR((seen.at({3, 2, 1, 6, 5, 4})), 500, 60);
  EXPECT_EQ(seen.count(grey), 1U);
}

TEST(Augment, FlipKeepsAPixelsChannelsTogether) {
  EXPECT_EQ(results({.flip = true}, {1, 2, 3}, {1, 2, 3, 4, 5, 6}, 50).count({4, 5, 6, 1, 2, 3}),
            1U);
  EXPECT_EQ(results({.flip = true}, {1, 3, 2}, {1, 2, 3, 4, 5, 6}, 50).count({5, 6, 3, 4, 1, 2}),
            1U);
}

TEST(Augment, ShiftMovesByEveryDistanceAlikeAndBringsInBlack) {
  const Bytes image = {1, 2, 3,  //
                       4, 5, 6,  //
                       7, 8, 9};
  const auto seen = results({.shift = 1}, {3, 3, 1}, image, 1800);
  EXPECT_EQ(seen.size(), 9U);
  EXPECT_NEAR((seen.at({0, 0, 0, 0, 1, 2, 0, 4, 5})), 200, 60);  // down and right
  EXPECT_NEAR((seen.at({4, 5, 6, 7, 8, 9, 0, 0, 0})), 200, 60);  // up
  EXPECT_NEAR(seen.at(image), 200, 60);
}

TEST(Augment, CropCutsAWindowOutOfThePaddedImage) {
  const Shape shape = {3, 4, 1};
  const Bytes image = random_image(shape);
  const auto seen = results({.crop = 2}, shape, image, 2500);
  EXPECT_EQ(seen.size(), 25U);
  for (std::int64_t down = -2; down <= 2; ++down)
    for (std::int64_t right = -2; right <= 2; ++right)
      EXPECT_NEAR(seen.at(moved(image, 3, 4, down, right)), 100, 50) << down << " " << right;
}

TEST(Augment, CutoutClearsASquareWhoseMiddleIsAnyPixel) {
  const Bytes white(16, 255);
  const auto seen = results({.cutout = 2}, {4, 4, 1}, white, 1600);
  EXPECT_EQ(seen.size(), 16U);
  // Its middle on the first pixel: three quarters of it are outside.
  Bytes corner = white;
  corner[0] = 0;
  EXPECT_NEAR(seen.at(corner), 100, 50);
  Bytes whole = white;
  for (const std::size_t i : {10U, 11U, 14U, 15U}) whole[i] = 0;
  EXPECT_NEAR(seen.at(whole), 100, 50);
}

TEST(Augment, CutoutClearsAllChannelsOfAPixel) {
  const auto seen = results({.cutout = 1}, {1, 2, 3}, {1, 2, 3, 4, 5, 6}, 50);
  EXPECT_EQ(seen.size(), 2U);
  EXPECT_EQ(seen.count({0, 0, 0, 4, 5, 6}), 1U);
  EXPECT_EQ(seen.count({1, 2, 3, 0, 0, 0}), 1U);
}

TEST(Augment, RotateTurnsBothWaysByUpToTheAngle) {
  // A bar to the right of the middle goes up in half of the images and down in the others.
  Bytes image(81, 0);
  for (std::size_t c = 4; c < 9; ++c) image[4 * 9 + c] = 200;
  int up = 0;
  int down = 0;
  for (int place = 0; place < 1000; ++place) {
    const Bytes turned = augmented({.rotate = 40}, {9, 9, 1}, image, place);
    const auto light = [&](std::size_t row) {
      int sum = 0;
      for (std::size_t c = 5; c < 9; ++c) sum += turned[row * 9 + c];
      return sum;
    };
    up += light(3) + light(2) > light(5) + light(6) ? 1 : 0;
    down += light(3) + light(2) < light(5) + light(6) ? 1 : 0;
    EXPECT_EQ(turned[4 * 9 + 4], 200);
    EXPECT_EQ(light(0) + light(8), 0) << "further than 40 degrees";
  }
  EXPECT_NEAR(up, 500, 60);
  EXPECT_NEAR(down, 500, 60);
}

TEST(Augment, AllTogetherAreEachAfterTheOther) {
  const Augmentation all = {.flip = true, .rotate = 25, .shift = 1, .crop = 2, .cutout = 3};
  const std::vector<Augmentation> each = {
      {.flip = true}, {.rotate = 25}, {.shift = 1}, {.crop = 2}, {.cutout = 3}};
  for (const Shape& shape : {Shape{5, 7, 1}, Shape{8, 8, 3}, Shape{6, 4, 4}, Shape{3, 9, 3}})
    for (std::int64_t place = 0; place < 60; ++place) {
      const Bytes image = random_image(shape, static_cast<std::uint64_t>(place));
      Bytes expected = image;
      for (const Augmentation& one : each) expected = augmented(one, shape, expected, place);
      EXPECT_EQ(augmented(all, shape, image, place), expected) << to_string(shape) << place;
    }
}

TEST(Augment, IsAFunctionOfSeedStepAndPlaceAlone) {
  const Augmentation all = {.flip = true, .rotate = 15, .shift = 2, .crop = 2, .cutout = 4};
  const Shape shape = {8, 8, 3};
  const Bytes image = random_image(shape);
  std::set<Bytes> different;
  for (std::int64_t i = 0; i < 10; ++i) {
    different.insert(augmented(all, shape, image, i));
    different.insert(augmented(all, shape, image, 0, 1 + i));
    different.insert(augmented(all, shape, image, 0, 0, 2 + static_cast<std::uint64_t>(i)));
  }
  EXPECT_EQ(different.size(), 30U);
  // Backwards, and of other images between.
  std::vector<Bytes> forward;
  for (std::int64_t i = 0; i < 10; ++i) forward.push_back(augmented(all, shape, image, i, 5));
  for (std::int64_t i = 9; i >= 0; --i) {
    augmented(all, shape, random_image(shape, 9), 100 - i, i);
    EXPECT_EQ(augmented(all, shape, image, i, 5), forward[static_cast<std::size_t>(i)]);
  }
}

TEST(Augment, WritesEveryByteOfImagesOfAnyShape) {
  for (const Shape& shape : kShapes) {
    const std::int64_t side = std::min(shape[0], shape[1]);
    const Augmentation most = {
        .flip = true, .rotate = 180, .shift = side - 1, .crop = side - 1, .cutout = side};
    require_valid(most, shape);
    const Bytes image = random_image(shape);
    for (std::int64_t place = 0; place < 50; ++place) {
      Bytes a(image.size(), 0);
      Bytes b(image.size(), 255);
      augment(most, 1, 0, place, shape, image, a);
      augment(most, 1, 0, place, shape, image, b);
      EXPECT_EQ(a, b) << to_string(shape);
    }
  }
}

TEST(Augment, WhatMakesNoSenseIsRefusedByName) {
  const Shape shape = {28, 32, 1};
  EXPECT_THAT(refusal({.rotate = -1}, shape), HasSubstr("[augment.rotate]"));
  EXPECT_THAT(refusal({.rotate = 181}, shape), HasSubstr("from 0 to 180 degrees, got 181"));
  EXPECT_THAT(refusal({.rotate = std::numeric_limits<double>::quiet_NaN()}, shape),
              HasSubstr("from 0 to 180 degrees, got"));
  EXPECT_THAT(refusal({.shift = -1}, shape), HasSubstr("[augment.shift]"));
  EXPECT_THAT(refusal({.shift = 28}, shape), HasSubstr("from 0 to 27 pixels"));
  EXPECT_THAT(refusal({.crop = 28}, shape), HasSubstr("not the size of the window"));
  EXPECT_THAT(refusal({.cutout = 29}, shape), HasSubstr("may not be larger than the image"));
  EXPECT_THAT(refusal({.cutout = -2}, shape), HasSubstr("got -2"));
  EXPECT_THAT(refusal({.flip = true}, {28, 28}), HasSubstr("[H,W,C]"));
  EXPECT_EQ(refusal({.flip = true, .rotate = 180, .shift = 27, .crop = 27, .cutout = 28}, shape),
            "accepted");
  EXPECT_EQ(refusal({.flip = true, .rotate = 10, .cutout = 1}, {1, 1, 1}), "accepted");
}

TEST(Augment, ImagesOfAnotherSizeAreRefused) {
  Bytes image(12);
  Bytes out(11);
  EXPECT_THROW(augment({.flip = true}, 1, 0, 0, {2, 2, 3}, image, out), InvalidArgument);
  EXPECT_THROW(augment({.flip = true}, 1, 0, 0, {2, 2, 2}, image, image), InvalidArgument);
}

}  // namespace
}  // namespace evenkeel
