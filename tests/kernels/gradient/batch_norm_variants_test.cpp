// SPDX-License-Identifier: Apache-2.0
// Total gradients of batch norm's variants: through x and through the statistics it was made by.
#include <gtest/gtest.h>

#include "evenkeel/compile/lower_renorm.h"
#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

struct Moments {
  Value count, mean, M2;
};
Moments moments_at(NodeId node) { return {{node, 0}, {node, 1}, {node, 2}}; }

// [N,C] or [N,H,W,C].
Shape drawn_shape(Draw& draw, std::int64_t N) {
  const std::int64_t C = draw.integer(1, 5);
  if (draw.coin()) return {N, C};
  return {N, draw.integer(1, 3), draw.integer(2, 3), C};
}

struct Leaves {
  Leaves(GradientCase& c, Draw& draw, const Shape& shape)
      : x(c.input("x", draw.away_from_zero(shape, 0.25))),
        gamma(c.parameter("gamma", draw.uniform_tensor({shape.back()}, 0.75, 1.25))),
        beta(c.parameter("beta", draw.uniform_tensor({shape.back()}))) {}
  Value x, gamma, beta;
};

TEST(GhostBatchNormGradient, OfGroupsOfEachKind) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t size = draw.integer(3, 4);
    const Shape shape = drawn_shape(draw, size * draw.integer(1, 3));
    const Grouping grouping = draw.coin() ? Grouping::interleaved : Grouping::consecutive;
    SCOPED_TRACE("x " + to_string(shape) + ", groups of " + std::to_string(size));
    const Leaves in(c, draw, shape);
    const Moments each = moments_at(c.graph.add(ChannelMoments{true}, {in.x}).node);
    const Moments m = moments_at(
        c.graph.add(GroupMoments{size, grouping}, {each.count, each.mean, each.M2}).node);
    c.check(c.weighted_sum(c.graph.add(BatchNormApply{1e-2, size, grouping},
                                       {in.x, m.count, m.mean, m.M2, in.gamma, in.beta})));
  });
}

// The gradient of one layer's x comes back through the statistics of the one before.
TEST(GhostBatchNormGradient, OfTwoLayersWithOtherGroups) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t C = draw.integer(1, 4);
    Value y = c.input("x", draw.away_from_zero({12, C}, 0.25));
    for (const std::int64_t size : {4, 6}) {
      const std::string layer = "bn" + std::to_string(size);
      const Value gamma = c.parameter(layer + "/gamma", draw.uniform_tensor({C}, 0.75, 1.25));
      const Value beta = c.parameter(layer + "/beta", draw.uniform_tensor({C}));
      const Moments each = moments_at(c.graph.add(ChannelMoments{true}, {y}).node);
      const Moments m =
          moments_at(c.graph.add(GroupMoments{size}, {each.count, each.mean, each.M2}).node);
      y = c.graph.add(BatchNormApply{1e-2, size}, {y, m.count, m.mean, m.M2, gamma, beta});
      y = ops::matmul(c.graph, y, c.parameter(layer + "/kernel", draw.uniform_tensor({C, C})));
    }
    c.check(c.weighted_sum(y));
  });
}

TEST(WeightedBatchNormGradient, OfUnequalWeightsAndZeros) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(5, 8);
    const Shape shape = drawn_shape(draw, N);
    SCOPED_TRACE("x " + to_string(shape));
    const Leaves in(c, draw, shape);
    Tensor weights = draw.uniform_tensor({N}, 0.25, 2);
    weights.values<double>()[static_cast<std::size_t>(draw.integer(0, N - 1))] = 0;
    const Value w = c.fixed("sample_weights", weights);
    const Moments each = moments_at(c.graph.add(ChannelMoments{true}, {in.x}).node);
    const NodeId by = c.graph.add(WeightMoments{}, {each.count, each.M2, w}).node;
    const Moments m =
        moments_at(c.graph.add(MergeSampleMoments{}, {{by, 0}, each.mean, {by, 1}}).node);
    c.check(c.weighted_sum(
        c.graph.add(BatchNormApply{1e-2}, {in.x, m.count, m.mean, m.M2, in.gamma, in.beta, w})));
  });
}

// r and d are constants to the gradient, so what is checked has them as such.
TEST(RenormGradient, HoldsRAndDAsConstants) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = drawn_shape(draw, draw.integer(4, 8));
    const Shape C = {shape.back()};
    const Leaves in(c, draw, shape);
    const Value r = c.fixed("r", draw.uniform_tensor(C, 0.5, 2));
    const Value d = c.fixed("d", draw.uniform_tensor(C));
    const Moments m = moments_at(c.graph.add(ChannelMoments{}, {in.x}).node);
    const Value gamma = ops::multiply(c.graph, in.gamma, r);
    const Value beta = ops::add(c.graph, ops::multiply(c.graph, in.gamma, d), in.beta);
    c.check(c.weighted_sum(
        c.graph.add(BatchNormApply{1e-2}, {in.x, m.count, m.mean, m.M2, gamma, beta})));
  });
}

// Where the limits cut everywhere, r and d are constants, and the whole layer can be differentiated
// by differences.
TEST(RenormGradient, OfTheLayerWhereTheLimitsCut) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = drawn_shape(draw, draw.integer(4, 8));
    const Shape C = {shape.back()};
    const Leaves in(c, draw, shape);
    const Value M = c.statistic("M", draw.uniform_tensor(C, 10, 12));
    const Value S = c.statistic("S", draw.uniform_tensor(C, 30, 40));
    const Value seen = c.statistic("seen", Tensor::of<std::int64_t>({}, {1}));
    BatchNorm layer;
    layer.epsilon = 1e-2;
    RenormRule rule{{1.5, 1.5, 0, 0}, {}, {0.25, 0.25, 0, 0}};
    layer.batch = rule;
    Node node;
    node.name = "bn";
    const Value y =
        training_renorm(c.graph, node, layer, rule, {in.x, in.gamma, in.beta, M, S, seen});
    c.check(c.weighted_sum(y));
  });
}

TEST(DivideByVarianceGradient, GoesThroughMeanAndVariance) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = drawn_shape(draw, draw.integer(4, 8));
    SCOPED_TRACE("x " + to_string(shape));
    const Leaves in(c, draw, shape);
    const double epsilon = 1e-2;
    const Moments m = moments_at(c.graph.add(ChannelMoments{}, {in.x}).node);
    const Value variance = c.graph.add(ChannelVariance{DType::f64}, {m.count, m.mean, m.M2});
    const Value inverse = c.graph.add(InverseDeviation{epsilon}, {variance});
    const Value gamma = ops::multiply(c.graph, in.gamma, inverse);
    c.check(c.weighted_sum(
        c.graph.add(BatchNormApply{epsilon}, {in.x, m.count, m.mean, m.M2, gamma, in.beta})));
  });
}

TEST(ChannelMomentsGradient, OfTheVarianceAlone) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = drawn_shape(draw, draw.integer(2, 6));
    // One row has no variance.
    const bool each_sample = shape.rank() > 2 && draw.coin();
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const Moments m = moments_at(c.graph.add(ChannelMoments{each_sample}, {x}).node);
    const MovingVariance which = draw.coin() ? MovingVariance::sample : MovingVariance::population;
    c.check(
        c.weighted_sum(c.graph.add(ChannelVariance{DType::f64, which}, {m.count, m.mean, m.M2})));
  });
}

TEST(ChannelMomentsGradient, OfTheMeanAlone) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = drawn_shape(draw, draw.integer(2, 6));
    const Value x = c.input("x", draw.uniform_tensor(shape));
    c.check(c.weighted_sum({c.graph.add(ChannelMoments{draw.coin()}, {x}).node, 1}));
  });
}

TEST(DeviationGradient, OfAnyVariance) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Value variance = c.input("variance", draw.uniform_tensor({draw.integer(1, 9)}, 0.1, 3));
    c.check(c.weighted_sum(c.graph.add(Deviation{draw.coin() ? 1e-3 : 0.5}, {variance})));
  });
}

TEST(InverseDeviationGradient, OfAnyVariance) {
  for_random_cases(50, [](Draw& draw) {
    GradientCase c(draw);
    const Value variance = c.input("variance", draw.uniform_tensor({draw.integer(1, 9)}, 0.1, 3));
    c.check(c.weighted_sum(c.graph.add(InverseDeviation{draw.coin() ? 1e-3 : 0.5}, {variance})));
  });
}

}  // namespace
}  // namespace evenkeel::test
