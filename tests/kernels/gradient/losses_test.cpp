// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

constexpr int kLossCases = 60;

using LossOf = std::function<ops::CrossEntropy(Graph&, Value, Value)>;

// Mean or weighted sum of a loss for logits [N,K] of K >= `fewest` classes and random labels (0 and
// 1 where K = 1), or with targets between `low` and `high`.
void check_loss(const LossOf& loss, std::int64_t fewest, double low, double high) {
  for_random_cases(2 * kLossCases, [&](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(1, 5);
    const std::int64_t K = draw.integer(fewest, 7);
    const double spread = draw.uniform(0.5, 4);
    const Value z = c.input("z", draw.uniform_tensor({N, K}, -spread, spread));
    Tensor labels(DType::i32, {N});
    for (std::int32_t& label : labels.values<std::int32_t>())
      label = static_cast<std::int32_t>(draw.integer(0, K == 1 ? 1 : K - 1));
    const Value given =
        c.fixed("given", draw.coin() ? labels : draw.uniform_tensor({N, K}, low, high));
    const Value losses = loss(c.graph, z, given).losses;
    c.check(draw.coin() ? ops::mean(c.graph, losses) : c.weighted_sum(losses));
  });
}

TEST(LossGradient, SoftmaxCrossEntropyOfLabelsAndTargets) {
  const LossOf loss = [](Graph& graph, Value z, Value t) {
    return ops::softmax_cross_entropy(graph, z, t);
  };
  check_loss(loss, 2, 0, 1);
}

TEST(LossGradient, SigmoidCrossEntropyOfLabelsAndTargets) {
  const LossOf loss = [](Graph& graph, Value z, Value t) {
    return ops::sigmoid_cross_entropy(graph, z, t);
  };
  check_loss(loss, 1, 0, 1);
}

TEST(LossGradient, MeanSquaredErrorOfLabelsAndTargets) {
  const LossOf loss = [](Graph& graph, Value z, Value t) {
    return ops::mean_squared_error(graph, z, t);
  };
  check_loss(loss, 1, -3, 3);
}

}  // namespace
}  // namespace evenkeel::test
