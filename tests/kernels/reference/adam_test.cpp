// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

std::vector<Tensor> adam(const AdamUpdate& op, double p, double m, double v, double g,
                         std::int64_t step) {
  return run_op(op, {f64({1}, {p}), f64({1}, {m}), f64({1}, {v}), f64({1}, {g}), f64({}, {0.1}),
                     i64({}, {step})});
}

// In the first step m / (1 - beta1) = g and v / (1 - beta2) = g^2: a step of lr against g's sign.
TEST(ReferenceAdam, FirstStepHasTheLearningRatesLength) {
  for (const AdamForm form : {AdamForm::tensorflow, AdamForm::pytorch}) {
    const AdamUpdate op = {0.9, 0.999, 1e-12, form};
    const auto result = adam(op, 1, 0, 0, -2, 0);
    EXPECT_TRUE(close(result[0], {1.1}, 1e-9));
    EXPECT_TRUE(close(result[1], {-0.2}, 1e-14));
    EXPECT_TRUE(close(result[2], {0.004}, 1e-12));
    EXPECT_TRUE(close(result[3], {0}));
  }
}

// beta1 = beta2 = 1/2, t = 2: m = 2, v = 5, corrections 3/4; an epsilon of 1 tells the forms apart.
TEST(ReferenceAdam, EpsilonStandsWhereItsFormSays) {
  const double root5 = std::sqrt(5.0);
  const auto tensorflow = adam({0.5, 0.5, 1, AdamForm::tensorflow}, 0, 3, 9, 1, 1);
  EXPECT_TRUE(close(tensorflow[0], {-0.1 * std::sqrt(0.75) / 0.75 * 2 / (root5 + 1)}, 1e-14));
  const auto pytorch = adam({0.5, 0.5, 1, AdamForm::pytorch}, 0, 3, 9, 1, 1);
  EXPECT_TRUE(close(pytorch[0], {-0.1 / 0.75 * 2 / (root5 / std::sqrt(0.75) + 1)}, 1e-14));
  EXPECT_TRUE(close(pytorch[1], {2}));
  EXPECT_TRUE(close(pytorch[2], {5}));
}

TEST(ReferenceAdam, CountsNonFiniteGradientsByBlock) {
  const std::int64_t count = AdamUpdate::kBlock + 1;
  const Tensor zeros(DType::f32, {count});
  Tensor g = zeros;
  g.values<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  g.values<float>()[1] = std::numeric_limits<float>::infinity();
  g.values<float>().back() = -std::numeric_limits<float>::infinity();
  const auto result = run_op(AdamUpdate{}, {zeros, zeros, zeros, g, f64({}, {1e-3}), i64({}, {0})});
  EXPECT_EQ(result[3], i32({2}, {2, 1}));
}

}  // namespace
}  // namespace evenkeel::test
