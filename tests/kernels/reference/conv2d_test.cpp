// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

// 1 2 3 / 4 5 6 / 7 8 9
Tensor image() { return f64({1, 3, 3, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9}); }

TEST(ReferenceConv2d, CorrelatesWithoutFlippingTheKernel) {
  const Tensor W = f64({2, 2, 1, 1}, {1, 10, 100, 1000});
  EXPECT_TRUE(close(run_op(Conv2d{}, {image(), W})[0], {5421, 6532, 8754, 9865}));
}

TEST(ReferenceConv2d, SkipsRowsByItsStrideAndDropsTheRest) {
  const Tensor W = f64({1, 1, 1, 1}, {2});
  EXPECT_TRUE(close(run_op(Conv2d{{2, 2}, {0, 0, 0, 0}}, {image(), W})[0], {2, 6, 14, 18}));
  EXPECT_TRUE(close(run_op(Conv2d{{3, 2}, {0, 0, 0, 0}}, {image(), W})[0], {2, 6}));
}

// One row above, none below, two columns on the left, one on the right.
TEST(ReferenceConv2d, PadsEachSideByItsOwnNumber) {
  const Tensor W = f64({3, 3, 1, 1}, {0, 0, 0, 0, 1, 0, 0, 0, 0});  // shows the centre of a window
  const Tensor y = run_op(Conv2d{{1, 1}, {1, 0, 2, 1}}, {image(), W})[0];
  EXPECT_EQ(y.shape, (Shape{1, 2, 4, 1}));
  EXPECT_TRUE(close(y, {0, 1, 2, 3, 0, 4, 5, 6}));
}

TEST(ReferenceConv2d, SumsInputChannelsIntoEachOutputChannel) {
  const Tensor x = f64({2, 1, 1, 2}, {1, 2, 3, 4});
  const Tensor W = f64({1, 1, 2, 3}, {1, 2, 3, 10, 20, 30});
  EXPECT_TRUE(close(run_op(Conv2d{}, {x, W})[0], {21, 42, 63, 43, 86, 129}));
}

TEST(ReferenceConv2d, GradientByTheImageSpreadsTheKernel) {
  const Tensor dy = f64({1, 2, 2, 1}, {1, 0, 0, 2});
  const Tensor W = f64({2, 2, 1, 1}, {1, 10, 100, 1000});
  const Conv2dGradData op = {{1, 1}, {0, 0, 0, 0}, {3, 3}};
  EXPECT_TRUE(close(run_op(op, {dy, W})[0], {1, 10, 0, 100, 1002, 20, 0, 200, 2000}));
}

// Rows that no window reached get exactly 0.
TEST(ReferenceConv2d, GradientByTheImageIsZeroBesideTheWindows) {
  const Conv2dGradData op = {{2, 2}, {0, 0, 0, 0}, {2, 2}};
  EXPECT_TRUE(close(run_op(op, {f64({1, 1, 1, 1}, {3}), f64({1, 1, 1, 1}, {2})})[0], {6, 0, 0, 0}));
}

TEST(ReferenceConv2d, GradientByTheKernelSumsOverTheBatch) {
  const Tensor x = f64({2, 2, 2, 1}, {1, 2, 3, 4, 10, 20, 30, 40});
  const Tensor dy = f64({2, 1, 1, 1}, {1, 2});
  const Conv2dGradKernel op = {{1, 1}, {0, 0, 0, 0}, {2, 2}};
  EXPECT_TRUE(close(run_op(op, {x, dy})[0], {21, 42, 63, 84}));
}

TEST(ReferenceConv2d, SpreadsTheKernelByItsDilation) {
  Conv2d op;
  op.dilation = {2, 2};
  const Tensor W = f64({2, 2, 1, 1}, {1, 10, 100, 1000});
  EXPECT_TRUE(close(run_op(op, {image(), W})[0], {9731}));
  op.dilation = {1, 2};
  EXPECT_TRUE(close(run_op(op, {image(), W})[0], {6431, 9764}));
}

TEST(ReferenceConv2d, EachGroupReadsItsChannelsAlone) {
  Conv2d op;
  op.groups = 2;
  const Tensor x = f64({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor W = f64({1, 1, 2, 2}, {1, 2, 10, 20});
  EXPECT_TRUE(close(run_op(op, {x, W})[0], {21, 86}));
  const Tensor depthwise = f64({1, 1, 1, 4}, {1, 10, 100, 1000});
  EXPECT_TRUE(close(run_op(op, {f64({1, 1, 1, 2}, {1, 2}), depthwise})[0], {1, 10, 200, 2000}));
}

TEST(ReferenceConv2d, GradientsStayInTheirGroup) {
  const Tensor x = f64({1, 1, 1, 4}, {1, 2, 3, 4});
  const Tensor W = f64({1, 1, 2, 2}, {1, 2, 10, 20});
  const Conv2dGradData data = {{1, 1}, {}, {1, 1}, {1, 1}, 2};
  EXPECT_TRUE(close(run_op(data, {f64({1, 1, 1, 2}, {1, 2}), W})[0], {1, 10, 4, 40}));
  const Conv2dGradKernel kernel = {{1, 1}, {}, {1, 1}, {1, 1}, 2};
  EXPECT_TRUE(close(run_op(kernel, {x, f64({1, 1, 1, 2}, {1, 10})})[0], {1, 30, 2, 40}));
}

}  // namespace
}  // namespace evenkeel::test
