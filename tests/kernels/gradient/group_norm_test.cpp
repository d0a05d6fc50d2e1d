// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// The total gradient: through x itself and through the statistics of its group. gamma is near 1, so
// that nothing hides behind a small factor.
void check_group_norm(Draw& draw, const Shape& shape, std::int64_t groups) {
  GradientCase c(draw);
  const double epsilon = draw.coin() ? 1e-2 : 1e-3;
  SCOPED_TRACE("x " + to_string(shape) + ", groups " + std::to_string(groups));
  const Value x = c.input("x", draw.distinct(shape));
  const Value gamma = c.parameter("gamma", draw.uniform_tensor({shape.back()}, 0.75, 1.25));
  const Value beta = c.parameter("beta", draw.uniform_tensor({shape.back()}));
  c.check(c.weighted_sum(ops::group_norm(c.graph, x, gamma, beta, {groups, epsilon})));
}

TEST(GroupNormGradient, OfRows) {
  for_random_cases(60, [](Draw& draw) {
    const std::int64_t groups = draw.integer(1, 3);
    check_group_norm(draw, {draw.integer(1, 5), groups * draw.integer(2, 4)}, groups);
  });
}

TEST(GroupNormGradient, OfImages) {
  for_random_cases(60, [](Draw& draw) {
    const std::int64_t groups = draw.integer(1, 3);
    const Shape shape = {draw.integer(1, 3), draw.integer(2, 4), draw.integer(1, 4),
                         groups * draw.integer(1, 3)};
    check_group_norm(draw, shape, groups);
  });
}

TEST(GroupNormGradient, OfInstances) {
  for_random_cases(50, [](Draw& draw) {
    const std::int64_t C = draw.integer(1, 5);
    check_group_norm(draw, {draw.integer(1, 3), draw.integer(2, 4), draw.integer(1, 4), C}, C);
  });
}

}  // namespace
}  // namespace evenkeel::test
