// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/autodiff.h"
#include "evenkeel/graph/ops.h"
#include "evenkeel/kernels/reference/interpreter.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr int kElementwiseCases = 60;

// Rank 1 to 4, odd and even extents.
Shape elementwise_shape(Draw& draw) {
  std::vector<std::int64_t> dims(static_cast<std::size_t>(draw.integer(1, 4)));
  for (std::int64_t& dim : dims) dim = draw.integer(1, 5);
  return Shape(dims);
}

TEST(ElementwiseGradient, ScaleMultipliesByTheFactor) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Value x = c.input("x", draw.uniform_tensor(elementwise_shape(draw)));
    c.check(c.weighted_sum(ops::scale(c.graph, x, draw.uniform(0.1, 3), DType::f64)));
  });
}

TEST(ElementwiseGradient, AddGoesToBothSides) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value a = c.input("a", draw.uniform_tensor(shape));
    const Value b = c.parameter("b", draw.uniform_tensor(shape));
    c.check(c.weighted_sum(ops::add(c.graph, a, b)));
  });
}

TEST(ElementwiseGradient, MultiplyGivesEachSideTheOther) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value a = c.input("a", draw.uniform_tensor(shape));
    const Value b = c.parameter("b", draw.uniform_tensor(shape));
    // A square too, which reads one value twice.
    const Value y = draw.coin() ? ops::multiply(c.graph, a, b) : ops::multiply(c.graph, b, b);
    c.check(c.weighted_sum(ops::multiply(c.graph, a, y)));
  });
}

TEST(ElementwiseGradient, DivideGoesToBothSides) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value a = c.input("a", draw.uniform_tensor(shape));
    const Value b = c.parameter("b", draw.uniform_tensor(shape, 0.5, 2));
    c.check(c.weighted_sum(c.graph.add(Divide{}, {a, b})));
  });
}

TEST(ElementwiseGradient, DifferenceGoesToBothSides) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value a = c.input("a", draw.uniform_tensor(shape));
    const Value b = c.parameter("b", draw.uniform_tensor(shape));
    c.check(c.weighted_sum(c.graph.add(Difference{DType::f64}, {a, b})));
  });
}

// y = x stop(x): its gradient is that of x c with c held, not 2 x.
TEST(ElementwiseGradient, StopGradientLetsNoneThrough) {
  Graph graph("g");
  const Value x = ops::parameter(graph, "x", {3}, Initializer::ones);
  const Value held = graph.add(StopGradient{}, {x}, "held");
  const Value loss = ops::mean(graph, ops::multiply(graph, x, held), "loss");
  const Value gradient = gradients(graph, loss, {x})[0];
  const auto run = Interpreter(graph, 1).run({{"x", Tensor::of<float>({3}, {3, 6, 9})}});
  EXPECT_EQ(run.values[gradient.node][0], Tensor::of<float>({3}, {1, 2, 3}));
}

TEST(ElementwiseGradient, ScaleAxisGoesToBothAlongTheLastAxis) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const Value by = c.parameter("by", draw.uniform_tensor({shape.back()}));
    c.check(c.weighted_sum(ops::scale_axis(c.graph, x, by, -1)));
  });
}

TEST(ElementwiseGradient, ScaleAxisGoesToWhatIsScaled) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Shape shape = elementwise_shape(draw);
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const Shape factors = draw.coin() ? Shape{shape[0]} : Shape{};
    const Value by = c.fixed("by", draw.uniform_tensor(factors));
    c.check(c.weighted_sum(ops::scale_axis(c.graph, x, by, 0)));
  });
}

TEST(ElementwiseGradient, AValueReadTwiceGathersBoth) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const Value x = c.input("x", draw.uniform_tensor(elementwise_shape(draw)));
    const Value scaled = ops::scale(c.graph, x, draw.uniform(0.1, 3), DType::f64);
    c.check(c.weighted_sum(ops::add(c.graph, ops::add(c.graph, x, scaled), x)));
  });
}

TEST(ElementwiseGradient, BiasAddSumsTheBiasOverAllRows) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t K = draw.integer(1, 7);
    const std::int64_t N = draw.integer(1, 4);
    const Shape shape = draw.coin() ? Shape{N, K} : Shape{N, draw.integer(1, 4), 3, K};
    const Value x = c.input("x", draw.uniform_tensor(shape));
    const Value b = c.parameter("b", draw.uniform_tensor({K}));
    c.check(c.weighted_sum(ops::bias_add(c.graph, x, b)));
  });
}

TEST(ElementwiseGradient, ReluPassesWhereItsInputIsPositive) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    Tensor values = draw.away_from_zero(elementwise_shape(draw), 0x1p-6);
    values.values<double>()[0] = 1;  // so that some gradient is not zero
    c.check(c.weighted_sum(ops::relu(c.graph, c.input("x", values))));
  });
}

TEST(ElementwiseGradient, ReshapeKeepsTheOrder) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(1, 4);
    const std::int64_t H = draw.integer(1, 4);
    const std::int64_t C = draw.integer(1, 5);
    const Value x = c.input("x", draw.uniform_tensor({N, H, 2, C}));
    const Value flat = ops::reshape(c.graph, x, {N, H * 2 * C});
    // A bias tells the elements of a row apart.
    const Value b = c.parameter("b", draw.uniform_tensor({H * 2 * C}));
    c.check(c.weighted_sum(ops::bias_add(c.graph, flat, b)));
  });
}

TEST(ElementwiseGradient, MeanSharesOutEqually) {
  for_random_cases(kElementwiseCases, [](Draw& draw) {
    GradientCase c(draw);
    c.check(ops::mean(c.graph, c.input("x", draw.uniform_tensor(elementwise_shape(draw)))));
  });
}

}  // namespace
}  // namespace evenkeel::test
