// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// The total gradient: through x itself and through the statistics of its row. gamma is near 1, so
// that nothing hides behind a small factor.
void check_layer_norm(Draw& draw, const Shape& shape) {
  GradientCase c(draw);
  const double epsilon = draw.coin() ? 1e-2 : 1e-3;
  SCOPED_TRACE("x " + to_string(shape));
  const Value x = c.input("x", draw.distinct(shape));
  const Value gamma = c.parameter("gamma", draw.uniform_tensor({shape.back()}, 0.75, 1.25));
  const Value beta = c.parameter("beta", draw.uniform_tensor({shape.back()}));
  c.check(c.weighted_sum(ops::layer_norm(c.graph, x, gamma, beta, {epsilon})));
}

TEST(LayerNormGradient, OfRows) {
  for_random_cases(60, [](Draw& draw) {
    check_layer_norm(draw, {draw.integer(1, 6), draw.integer(2, 9)});
  });
}

TEST(LayerNormGradient, OfImages) {
  for_random_cases(60, [](Draw& draw) {
    check_layer_norm(
        draw, {draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 4), draw.integer(2, 6)});
  });
}

// The next layer's gradient comes back through the statistics as well.
TEST(LayerNormGradient, OfTwoLayersOneAfterTheOther) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t C = draw.integer(3, 6);
    Value y = c.input("x", draw.distinct({draw.integer(2, 5), C}));
    for (const std::string layer : {"ln1", "ln2"}) {
      const Value gamma = c.parameter(layer + "/gamma", draw.uniform_tensor({C}, 0.75, 1.25));
      const Value beta = c.parameter(layer + "/beta", draw.uniform_tensor({C}));
      y = ops::layer_norm(c.graph, y, gamma, beta, {1e-2});
      y = ops::matmul(c.graph, y, c.parameter(layer + "/kernel", draw.uniform_tensor({C, C})));
    }
    c.check(c.weighted_sum(y));
  });
}

}  // namespace
}  // namespace evenkeel::test
