// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr int kActivationCases = 60;

Shape any_shape(Draw& draw) {
  std::vector<std::int64_t> dims(static_cast<std::size_t>(draw.integer(1, 4)));
  for (std::int64_t& dim : dims) dim = draw.integer(1, 5);
  return Shape(dims);
}

TEST(ActivationGradient, LeakyReluWithAnySlope) {
  for_random_cases(kActivationCases, [](Draw& draw) {
    GradientCase c(draw);
    const Value x = c.input("x", draw.away_from_zero(any_shape(draw), 0x1p-6));
    c.check(c.weighted_sum(ops::leaky_relu(c.graph, x, draw.uniform(0.01, 2))));
  });
}

// Values on all three pieces, none near the kinks at 0 and 6.
TEST(ActivationGradient, Relu6BetweenItsKinks) {
  for_random_cases(kActivationCases, [](Draw& draw) {
    GradientCase c(draw);
    Tensor values = draw.away_from_zero(any_shape(draw), 0x1p-6);
    for (double& value : values.values<double>())
      if (draw.coin()) value += 6;
    values.values<double>()[0] = 3;  // so that some gradient is not zero
    c.check(c.weighted_sum(ops::relu6(c.graph, c.input("x", values))));
  });
}

TEST(ActivationGradient, SigmoidAndTanh) {
  for_random_cases(kActivationCases, [](Draw& draw) {
    GradientCase c(draw);
    const Value x = c.input("x", draw.uniform_tensor(any_shape(draw), -3, 3));
    c.check(c.weighted_sum(draw.coin() ? ops::sigmoid(c.graph, x) : ops::tanh(c.graph, x)));
  });
}

// The sum of a row does not change: its weights do what the row's own sum cannot.
TEST(ActivationGradient, Softmax) {
  for_random_cases(kActivationCases, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(1, 4);
    const std::int64_t K = draw.integer(2, 9);
    const Shape shape = draw.coin() ? Shape{N, K} : Shape{N, draw.integer(1, 4), K};
    const Value x = c.input("x", draw.uniform_tensor(shape, -2, 2));
    c.check(c.weighted_sum(ops::softmax(c.graph, x)));
  });
}

}  // namespace
}  // namespace evenkeel::test
