// SPDX-License-Identifier: Apache-2.0
// How findings tell numbers.
#include "evenkeel/study/doctor/numbers.h"

#include <gtest/gtest.h>

#include <cmath>

namespace evenkeel::doctor {
namespace {

TEST(FindingNumbers, PercentHasTwoDigitsOrMore) {
  EXPECT_EQ(percent(0), "0 %");
  EXPECT_EQ(percent(0.774), "77 %");
  EXPECT_EQ(percent(1), "100 %");
  EXPECT_EQ(percent(0.0996), "10 %");
  EXPECT_EQ(percent(0.0231), "2.3 %");
  EXPECT_EQ(percent(0.0004), "0.04 %");
}

TEST(FindingNumbers, TextHasThreeDigitsAndCommas) {
  EXPECT_EQ(text(1e-5), "1e-5");
  EXPECT_EQ(text(1.234e-12), "1.23e-12");
  EXPECT_EQ(text(0.00123456), "0.00123");
  EXPECT_EQ(text(12.0), "12");
  EXPECT_EQ(text(3136.2), "3,136");
  EXPECT_EQ(text(std::int64_t{-1234567}), "-1,234,567");
  EXPECT_EQ(counted(1, "channel"), "1 channel");
  EXPECT_EQ(counted(3136, "channel"), "3,136 channels");
}

TEST(FindingNumbers, QuantileIsTheNearestValueAndLeavesNaNsOut) {
  EXPECT_EQ(quantile({4, 1, 3, 2, 5}, 0.5), 3);
  EXPECT_EQ(quantile({4, 1, 3, 2, 5}, 0), 1);
  EXPECT_EQ(quantile({4, 1, 3, 2, 5}, 1), 5);
  EXPECT_EQ(quantile({NAN, 7, NAN}, 0.9), 7);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
}

TEST(FindingNumbers, ShareBelowIsOfAll) {
  EXPECT_EQ(share_below({1, 2, 3, 4}, 3), 0.5);
  EXPECT_EQ(share_below({}, 3), 0);
}

TEST(FindingNumbers, ACountIsOneNumberOfAtLeastZero) {
  EXPECT_EQ(count_of({7}), 7);
  for (const Numbers& none : {Numbers{}, Numbers{1, 2}, Numbers{-1}, Numbers{NAN}, Numbers{1e300}})
    EXPECT_FALSE(count_of(none).has_value());
}

}  // namespace
}  // namespace evenkeel::doctor
