// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// Strides 1 to 3, a padding of its own on each of the four sides, odd and even channels; windows
// that do not reach the last rows, and padding wider than the kernel.
TEST(Conv2dGradient, OfImageAndKernel) {
  for_random_cases(80, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t R = draw.integer(1, 4);
    const std::int64_t S = draw.integer(1, 4);
    const std::int64_t C = draw.integer(1, 5);
    const std::int64_t K = draw.integer(1, 5);
    Conv2d op;
    for (std::int64_t& stride : op.stride) stride = draw.integer(1, 3);
    for (std::int64_t& side : op.padding) side = draw.integer(0, 3);
    // Large enough that not every window can lie on the padding alone.
    const Shape image = {draw.integer(1, 3), R + op.stride[0] - 1 + draw.integer(0, 3),
                         S + op.stride[1] - 1 + draw.integer(0, 3), C};
    const Value x = c.input("x", draw.uniform_tensor(image));
    const Value W = c.parameter("W", draw.uniform_tensor({R, S, C, K}));
    SCOPED_TRACE("x " + to_string(image) + ", W " + to_string(Shape{R, S, C, K}));
    c.check(c.weighted_sum(ops::conv2d(c.graph, x, W, op)));
  });
}

// Taps up to 3 apart, 1 to 4 groups, down to one channel a group (depthwise).
TEST(Conv2dGradient, OfDilatedGroups) {
  for_random_cases(80, [](Draw& draw) {
    GradientCase c(draw);
    Conv2d op;
    op.groups = draw.integer(1, 4);
    const std::int64_t C = op.groups * draw.integer(1, 2);
    const std::int64_t K = op.groups * draw.integer(1, 3);
    Shape kernel = {0, 0, C / op.groups, K};
    Shape image = {draw.integer(1, 3), 0, 0, C};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      kernel[axis] = draw.integer(1, 3);
      op.stride[axis] = draw.integer(1, 2);
      op.dilation[axis] = draw.integer(1, 3);
      op.padding[2 * axis] = draw.integer(0, 2);
      op.padding[2 * axis + 1] = draw.integer(0, 2);
      image[axis + 1] =
          (kernel[axis] - 1) * op.dilation[axis] + op.stride[axis] + draw.integer(0, 2);
    }
    const Value x = c.input("x", draw.uniform_tensor(image));
    const Value W = c.parameter("W", draw.uniform_tensor(kernel));
    SCOPED_TRACE("x " + to_string(image) + ", W " + to_string(kernel));
    c.check(c.weighted_sum(ops::conv2d(c.graph, x, W, op)));
  });
}

// An image smaller than its kernel, which only the padding makes room for.
TEST(Conv2dGradient, OfImagesSmallerThanTheKernel) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Conv2d op = {{draw.integer(1, 2), draw.integer(1, 2)},
                       {draw.integer(2, 4), draw.integer(2, 4), 2, draw.integer(2, 3)}};
    const Value x = c.input(
        "x", draw.uniform_tensor({2, draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 3)}));
    const std::int64_t C = c.graph.type(x).shape[3];
    const Value W = c.parameter("W", draw.uniform_tensor({5, 5, C, 3}));
    c.check(c.weighted_sum(ops::conv2d(c.graph, x, W, op)));
  });
}

}  // namespace
}  // namespace evenkeel::test
