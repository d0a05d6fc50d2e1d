// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/thinning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace evenkeel {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

Points line(std::size_t count) {
  Points points;
  for (std::size_t i = 0; i < count; ++i) {
    points.x.push_back(static_cast<double>(i));
    points.y.push_back(std::sin(static_cast<double>(i) / 50));
  }
  return points;
}

TEST(Thinned, LeavesFewPointsAsTheyAre) {
  const Points points = line(100);
  EXPECT_EQ(thinned(points, 100).y, points.y);
  EXPECT_EQ(thinned({}, 100).y.size(), 0U);
}

TEST(Thinned, KeepsEveryPeakTheEndsAndTheOrder) {
  Points points = line(100'000);
  points.y[77'777] = 50;
  points.y[12'345] = -50;
  const Points few = thinned(points, 400);
  EXPECT_LE(few.x.size(), 402U);
  EXPECT_GE(few.x.size(), 200U);
  EXPECT_EQ(*std::max_element(few.y.begin(), few.y.end()), 50);
  EXPECT_EQ(*std::min_element(few.y.begin(), few.y.end()), -50);
  EXPECT_EQ(few.x.front(), 0);
  EXPECT_EQ(few.x.back(), 99'999);
  EXPECT_TRUE(std::is_sorted(few.x.begin(), few.x.end()));
  EXPECT_EQ(std::adjacent_find(few.x.begin(), few.x.end()), few.x.end());
}

TEST(Thinned, KeepsGaps) {
  Points points = line(10'000);
  points.y[5'000] = kMissing;
  points.y[7'000] = std::numeric_limits<double>::infinity();
  const Points few = thinned(points, 100);
  EXPECT_EQ(std::count_if(few.y.begin(), few.y.end(), [](double y) { return std::isnan(y); }), 2);
  for (double& y : points.y) y = kMissing;
  for (const double y : thinned(points, 100).y) EXPECT_TRUE(std::isnan(y));
}

TEST(Smoothed, WeighsOlderValuesLess) {
  const double k = std::exp(-0.5);
  EXPECT_THAT(smoothed({1, 3}, 2), ElementsAre(1, DoubleNear((k + 3) / (k + 1), 1e-12)));
  EXPECT_THAT(smoothed({1, 3}, 0), ElementsAre(1, 3));
  EXPECT_THAT(smoothed({5, 5, 5}, 10), ElementsAre(5, DoubleNear(5, 1e-12), DoubleNear(5, 1e-12)));
}

TEST(Smoothed, BeginsAnewBehindAGap) {
  const auto values = smoothed({1, kMissing, 9}, 100);
  EXPECT_TRUE(std::isnan(values[1]));
  EXPECT_EQ(values[2], 9);
}

}  // namespace
}  // namespace evenkeel
