// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceMaxPool2d, TakesEachWindowsMaximumAndItsPlace) {
  const auto result = run_op(MaxPool2d{}, {f64({1, 2, 4, 1}, {1, 2, 7, 5, 4, 3, 6, 8})});
  EXPECT_TRUE(close(result[0], {4, 8}));
  EXPECT_EQ(result[1], Tensor::of<std::uint8_t>({1, 1, 2, 1}, {2, 3}));
}

TEST(ReferenceMaxPool2d, KeepsChannelsApart) {
  const auto result = run_op(MaxPool2d{}, {f64({1, 2, 2, 2}, {1, 8, 2, 7, 3, 6, 4, 5})});
  EXPECT_TRUE(close(result[0], {4, 8}));
  EXPECT_TRUE(close(result[1], {3, 0}));
}

TEST(ReferenceMaxPool2d, TheFirstOfEqualsWins) {
  const auto result = run_op(MaxPool2d{}, {f64({1, 2, 2, 1}, {1, 5, 5, 5})});
  EXPECT_TRUE(close(result[1], {1}));
}

TEST(ReferenceMaxPool2d, NaNWinsAndTheFirstOfThem) {
  const auto result = run_op(MaxPool2d{}, {f64({1, 2, 2, 1}, {9, kNaN, kInfinity, kNaN})});
  EXPECT_TRUE(close(result[0], {kNaN}));
  EXPECT_TRUE(close(result[1], {1}));
}

TEST(ReferenceMaxPool2d, PaddingNeverWins) {
  const MaxPool2d op = {{2, 2}, {2, 2}, {1, 1, 1, 1}};
  const auto result = run_op(op, {f64({1, 2, 2, 1}, {-1, -2, -kInfinity, -4})});
  EXPECT_TRUE(close(result[0], {-1, -2, -kInfinity, -4}));
  EXPECT_TRUE(close(result[1], {3, 2, 1, 0}));
}

TEST(ReferenceMaxPool2d, ItsGradientGoesToTheMaximumOfEachWindow) {
  const Tensor argmax = Tensor::of<std::uint8_t>({1, 1, 2, 1}, {3, 2});
  // Windows that overlap in the middle column, where both have their maximum.
  const MaxPool2dGrad op = {{2, 2}, {1, 1}, {0, 0, 0, 0}, {2, 3}};
  EXPECT_TRUE(close(run_op(op, {f64({1, 1, 2, 1}, {1, 10}), argmax})[0], {0, 0, 0, 0, 11, 0}));
}

}  // namespace
}  // namespace evenkeel::test
