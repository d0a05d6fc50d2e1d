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
