// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// Windows that overlap, touch or leave gaps; a padding of its own on each side, narrower than the
// window so that each window meets the image.
TEST(AvgPool2dGradient, SharesOutOverEachWindow) {
  for_random_cases(80, [](Draw& draw) {
    GradientCase c(draw);
    AvgPool2d op;
    Shape image = {draw.integer(1, 3), 0, 0, draw.integer(1, 5)};
    for (std::size_t axis = 0; axis < 2; ++axis) {
      op.window[axis] = draw.integer(1, 4);
      op.stride[axis] = draw.integer(1, 3);
      op.padding[2 * axis] = draw.integer(0, op.window[axis] - 1);
      op.padding[2 * axis + 1] = draw.integer(0, op.window[axis] - 1);
      image[axis + 1] = op.window[axis] + draw.integer(0, 5);
    }
    op.count_padding = draw.coin();
    const Value x = c.input("x", draw.uniform_tensor(image));
    SCOPED_TRACE("x " + to_string(image));
    c.check(c.weighted_sum(ops::avg_pool2d(c.graph, x, op)));
  });
}

TEST(AvgPool2dGradient, OfTheWholeImage) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Pair size = {draw.integer(1, 7), draw.integer(1, 7)};
    const Value x = c.input("x", draw.uniform_tensor({draw.integer(1, 3), size[0], size[1], 3}));
    c.check(c.weighted_sum(ops::avg_pool2d(c.graph, x, {size, {1, 1}})));
  });
}

}  // namespace
}  // namespace evenkeel::test
