// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/compile/lower_mode.h"
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

// What a frozen layer is in training: the statistics are constants.
TEST(ChannelAffineGradient, OfXCentreScaleAndShift) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = draw.coin()
                            ? Shape{draw.integer(1, 6), draw.integer(1, 7)}
                            : Shape{draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 5)};
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const auto parameter = [&](const char* name) {
      return c.parameter(name, draw.uniform_tensor({shape.back()}));
    };
    const Value centre = parameter("centre");
    const Value scale = parameter("scale");
    const Value shift = parameter("shift");
    c.check(c.weighted_sum(c.graph.add(ChannelAffine{}, {x, centre, scale, shift})));
  });
}

// Behind a frozen layer's fixed numbers the layer before it still learns.
TEST(FrozenBatchNormGradient, ReachesWhatIsBeforeIt) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t C = draw.integer(1, 5);
    const Value x = c.input("x", draw.uniform_tensor({draw.integer(1, 6), 3}));
    const Value kernel = c.parameter("kernel", draw.uniform_tensor({3, C}));
    const Value gamma = c.fixed("gamma", draw.uniform_tensor({C}));
    const Value beta = c.fixed("beta", draw.uniform_tensor({C}));
    const Value mean = c.fixed("mean", draw.uniform_tensor({C}));
    const Value variance = c.fixed("variance", draw.uniform_tensor({C}, 0, 2));
    const Value seen = c.graph.add(Constant{{DType::i64, {}}, 1}, {});
    BatchNorm op{draw.coin() ? 1e-3 : 1e-5};
    op.frozen = true;
    const Value h = ops::matmul(c.graph, x, kernel);
    c.graph.add(op, {h, gamma, beta, mean, variance, seen}, "bn");
    c.graph = to_training(c.graph);
    c.check(c.weighted_sum({c.graph.find("bn"), 0}));
  });
}

}  // namespace
}  // namespace evenkeel::test
