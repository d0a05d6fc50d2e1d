// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// The mean of the losses, or a sum with weights, as a weighted data set would have it.
TEST(SoftmaxCrossEntropyGradient, OfLogits) {
  for_random_cases(60, [](Draw& draw) {
    GradientCase c(draw);
    const std::int64_t N = draw.integer(1, 6);
    const std::int64_t K = draw.integer(2, 11);
    const double spread = draw.uniform(0.5, 5);
    const Value z = c.input("z", draw.uniform_tensor({N, K}, -spread, spread));
    Tensor labels(DType::i32, {N});
    for (std::int32_t& label : labels.values<std::int32_t>())
      label = static_cast<std::int32_t>(draw.integer(0, K - 1));
    const Value losses = ops::softmax_cross_entropy(c.graph, z, c.fixed("labels", labels)).losses;
    c.check(draw.coin() ? ops::mean(c.graph, losses) : c.weighted_sum(losses));
  });
}

}  // namespace
}  // namespace evenkeel::test
