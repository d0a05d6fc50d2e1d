// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/rotation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "evenkeel/base/random.h"

namespace evenkeel {
namespace {

using RotatedBytes = std::vector<std::uint8_t>;

RotatedBytes rotated(double degrees, std::int64_t H, std::int64_t W, std::int64_t C,
                     const RotatedBytes& image, bool flip = false) {
  RotatedBytes out(image.size(), 77);
  const Rotation rotation(degrees, H, W, C, flip);
  for (std::int64_t row = 0; row < H; ++row)
    rotation.row(image.data(), row, 0, W, out.data() + row * W * C);
  return out;
}

RotatedBytes random_image(std::int64_t size, std::uint64_t seed) {
  const Random random(seed, Purpose::test, 0);
  RotatedBytes image(static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < image.size(); ++i)
    image[i] = static_cast<std::uint8_t>(random.below(i, 256));
  return image;
}

// In floating point as one would write it down: the value of a pixel turned by `degrees`.
double expected(double degrees, std::int64_t H, std::int64_t W, const RotatedBytes& image,
                std::int64_t r, std::int64_t c) {
  const double angle = degrees * std::numbers::pi / 180;
  const double middle_y = static_cast<double>(H - 1) / 2;
  const double middle_x = static_cast<double>(W - 1) / 2;
  const double right = static_cast<double>(c) - middle_x;
  const double down = static_cast<double>(r) - middle_y;
  const double x = middle_x + right * std::cos(angle) - down * std::sin(angle);
  const double y = middle_y + right * std::sin(angle) + down * std::cos(angle);
  double sum = 0;
  for (std::int64_t i = 0; i < H; ++i)
    for (std::int64_t j = 0; j < W; ++j) {
      const double near_y = std::max(0.0, 1 - std::abs(y - static_cast<double>(i)));
      const double near_x = std::max(0.0, 1 - std::abs(x - static_cast<double>(j)));
      sum += near_y * near_x * image[static_cast<std::size_t>(i * W + j)];
    }
  return sum;
}

TEST(Rotation, ByNothingIsExact) {
  for (const auto& [H, W, C] : {std::array{1, 1, 1}, {4, 7, 3}, {9, 2, 1}, {5, 5, 4}}) {
    const RotatedBytes image = random_image(H * W * C, 3);
    EXPECT_EQ(rotated(0, H, W, C, image), image);
  }
}

TEST(Rotation, ByRightAnglesMovesThePixelsOfASquare) {
  const RotatedBytes image = {1, 2,  //
                              3, 4};
  EXPECT_EQ(rotated(90, 2, 2, 1, image), (RotatedBytes{2, 4, 1, 3}));  // counter-clockwise
  EXPECT_EQ(rotated(-90, 2, 2, 1, image), (RotatedBytes{3, 1, 4, 2}));
  EXPECT_EQ(rotated(180, 2, 2, 1, image), (RotatedBytes{4, 3, 2, 1}));
  const RotatedBytes colours = random_image(7 * 7 * 3, 4);
  RotatedBytes turned = colours;
  for (int i = 0; i < 4; ++i) turned = rotated(90, 7, 7, 3, turned);
  EXPECT_EQ(turned, colours);
}

TEST(Rotation, WeighsTheFourNearestAndBlackOutside) {
  // The left one of two pixels comes from a quarter of the way to the right one, and half of
  // sin 60 degrees above the row, where it is black.
  const RotatedBytes turned = rotated(60, 1, 2, 1, {100, 200});
  EXPECT_EQ(turned[0], std::lround((0.75 * 100 + 0.25 * 200) * (1 - 0.5 * std::sqrt(0.75))));
  EXPECT_EQ(turned[1], std::lround((0.25 * 100 + 0.75 * 200) * (1 - 0.5 * std::sqrt(0.75))));
}

TEST(Rotation, IsTheBilinearMeanAtAnyAngle) {
  for (const auto& [H, W] : {std::pair{6, 6}, {5, 8}, {9, 4}}) {
    const RotatedBytes image = random_image(H * W, 5);
    for (const double degrees : {-170.0, -45.0, -3.5, 0.25, 10.0, 30.0, 77.0, 179.0}) {
      const RotatedBytes turned = rotated(degrees, H, W, 1, image);
      for (std::int64_t r = 0; r < H; ++r)
        for (std::int64_t c = 0; c < W; ++c)
          EXPECT_NEAR(turned[static_cast<std::size_t>(r * W + c)],
                      expected(degrees, H, W, image, r, c), 0.501)
              << degrees << " degrees at " << r << "," << c;
    }
  }
}

TEST(Rotation, AFlippedImageIsFlippedFirst) {
  const std::int64_t H = 5;
  const std::int64_t W = 6;
  const std::int64_t C = 3;
  const RotatedBytes image = random_image(H * W * C, 6);
  RotatedBytes mirrored(image.size());
  for (std::int64_t r = 0; r < H; ++r)
    for (std::int64_t c = 0; c < W; ++c)
      std::copy_n(image.begin() + (r * W + c) * C, C, mirrored.begin() + (r * W + W - 1 - c) * C);
  for (const double degrees : {0.0, 12.0, -50.0, 90.0})
    EXPECT_EQ(rotated(degrees, H, W, C, image, true), rotated(degrees, H, W, C, mirrored));
}

}  // namespace
}  // namespace evenkeel
