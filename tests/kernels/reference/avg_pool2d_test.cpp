// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceAvgPool2d, TakesEachWindowsMean) {
  const Tensor x = f64({1, 2, 4, 1}, {1, 2, 7, 5, 4, 3, 6, 8});
  EXPECT_TRUE(close(run_op(AvgPool2d{}, {x})[0], {2.5, 6.5}));
}

TEST(ReferenceAvgPool2d, KeepsChannelsAndSamplesApart) {
  const Tensor x = f64({2, 1, 2, 2}, {1, 10, 3, 30, 5, 50, 7, 70});
  EXPECT_TRUE(close(run_op(AvgPool2d{{1, 2}, {1, 1}}, {x})[0], {2, 20, 6, 60}));
}

// Corners of a 2x2 window with a padding of 1 hold one element each.
TEST(ReferenceAvgPool2d, PaddingDoesNotCountUnlessItIsToldSo) {
  const Tensor x = f64({1, 2, 2, 1}, {4, 8, 12, 16});
  AvgPool2d op = {{2, 2}, {2, 2}, {1, 1, 1, 1}};
  EXPECT_TRUE(close(run_op(op, {x})[0], {4, 8, 12, 16}));
  op.count_padding = true;
  EXPECT_TRUE(close(run_op(op, {x})[0], {1, 2, 3, 4}));
  AvgPool2dGrad grad = {op.window, op.stride, op.padding, {2, 2}};
  EXPECT_TRUE(close(run_op(grad, {x})[0], {4, 8, 12, 16}));
  grad.count_padding = true;
  EXPECT_TRUE(close(run_op(grad, {x})[0], {1, 2, 3, 4}));
}

TEST(ReferenceAvgPool2d, AWindowOfOnePicksEachSecondPixel) {
  const AvgPool2d op = {{1, 1}, {2, 2}};
  const Tensor x = f64({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  EXPECT_TRUE(close(run_op(op, {x})[0], {1, 3, 7, 9}));
  const AvgPool2dGrad grad = {{1, 1}, {2, 2}, {}, {3, 3}};
  EXPECT_TRUE(
      close(run_op(grad, {f64({1, 2, 2, 1}, {1, 2, 3, 4})})[0], {1, 0, 2, 0, 0, 0, 3, 0, 4}));
}

TEST(ReferenceAvgPool2d, NaNAndInfinityShowInTheirWindowsAlone) {
  const Tensor x = f64({1, 1, 6, 1}, {kNaN, 1, kInfinity, 1, 2, 4});
  EXPECT_TRUE(close(run_op(AvgPool2d{{1, 2}, {1, 2}}, {x})[0], {kNaN, kInfinity, 3}));
}

// Windows that overlap in the middle column, which gets a quarter of both.
TEST(ReferenceAvgPool2d, ItsGradientIsSharedOutOverEachWindow) {
  const AvgPool2dGrad op = {{2, 2}, {1, 1}, {}, {2, 3}};
  EXPECT_TRUE(close(run_op(op, {f64({1, 1, 2, 1}, {4, 8})})[0], {1, 3, 2, 1, 3, 2}));
}

TEST(ReferenceMaxPool2d, PlacesOfLargeWindowsAreWider) {
  Tensor x(DType::f64, {1, 17, 16, 1});
  x.values<double>()[16 * 16 + 3] = 1;
  const MaxPool2d op = {{17, 16}, {1, 1}};
  const auto result = run_op(op, {x});
  EXPECT_EQ(result[1], i32({1, 1, 1, 1}, {259}));
  const MaxPool2dGrad grad = {{17, 16}, {1, 1}, {}, {17, 16}};
  EXPECT_EQ(run_op(grad, {result[0], result[1]})[0], x);
}

}  // namespace
}  // namespace evenkeel::test
