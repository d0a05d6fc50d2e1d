// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/trend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace evenkeel {
namespace {

using ::testing::IsEmpty;

TEST(Trend, KeepsValuesThenMeansOfNeighbours) {
  Trend trend;
  EXPECT_THAT(trend.means(), IsEmpty());
  for (int i = 0; i < 64; ++i) trend.add(i);
  EXPECT_EQ(trend.means().size(), 64U);
  EXPECT_EQ(trend.means()[10], 10);
  trend.add(100);
  const auto means = trend.means();
  ASSERT_EQ(means.size(), 33U);
  EXPECT_EQ(means[0], 0.5);
  EXPECT_EQ(means[31], 62.5);
  EXPECT_EQ(means[32], 100);
}

TEST(Trend, NeverGrowsLongAndKeepsTheMean) {
  Trend trend;
  for (int i = 0; i < 4096; ++i) trend.add(i % 2);
  EXPECT_LE(trend.means().size(), 64U);
  for (const double mean : trend.means()) EXPECT_EQ(mean, 0.5);
}

}  // namespace
}  // namespace evenkeel
