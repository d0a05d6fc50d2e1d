// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// y = batch norm of x by x's own statistics, as a training step does it.
Value normalised(Graph& graph, Value x, Value gamma, Value beta, double epsilon) {
  const NodeId moments = graph.add(ChannelMoments{}, {x}).node;
  return graph.add(BatchNormApply{epsilon},
                   {x, {moments, 0}, {moments, 1}, {moments, 2}, gamma, beta});
}

// The total gradient: through x itself and through the mean and variance of its batch. gamma is
// near 1, so that nothing hides behind a small factor.
void check_batch_norm(Draw& draw, const Shape& shape, double epsilon) {
  GradientCase c(draw);
  SCOPED_TRACE("x " + to_string(shape) + ", epsilon " + std::to_string(epsilon));
  const Value x = c.input("x", draw.away_from_zero(shape, 0.25));
  const Value gamma = c.parameter("gamma", draw.uniform_tensor({shape.back()}, 0.75, 1.25));
  const Value beta = c.parameter("beta", draw.uniform_tensor({shape.back()}));
  c.check(c.weighted_sum(normalised(c.graph, x, gamma, beta, epsilon)));
}

TEST(BatchNormGradient, OfRowsAndChannels) {
  for_random_cases(60, [](Draw& draw) {
    check_batch_norm(draw, {draw.integer(4, 9), draw.integer(1, 7)}, draw.coin() ? 1e-3 : 1e-2);
  });
}

TEST(BatchNormGradient, OfImages) {
  for_random_cases(60, [](Draw& draw) {
    const Shape shape = {draw.integer(1, 3), draw.integer(2, 4), draw.integer(2, 4),
                         draw.integer(1, 5)};
    check_batch_norm(draw, shape, draw.coin() ? 1e-3 : 1e-5);
  });
}

// The next layer's gradient comes back through the statistics as well.
TEST(BatchNormGradient, OfTwoLayersOneAfterTheOther) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t C = draw.integer(1, 5);
    Value y = c.input("x", draw.away_from_zero({draw.integer(5, 8), C}, 0.25));
    for (const std::string layer : {"bn1", "bn2"}) {
      const Value gamma = c.parameter(layer + "/gamma", draw.uniform_tensor({C}, 0.75, 1.25));
      const Value beta = c.parameter(layer + "/beta", draw.uniform_tensor({C}));
      y = normalised(c.graph, y, gamma, beta, 1e-3);
      const Value kernel = c.parameter(layer + "/kernel", draw.uniform_tensor({C, C}));
      y = ops::matmul(c.graph, y, kernel);
    }
    c.check(c.weighted_sum(y));
  });
}

}  // namespace
}  // namespace evenkeel::test
