// SPDX-License-Identifier: Apache-2.0
// Penalties and bounds of a parameter, with Keras's formulas worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

const Tensor kVector = f64({2}, {3, -4});  // of norm 5

TEST(ReferencePenalty, AddsTheGradientOfItsNorms) {
  const Tensor g = f64({3}, {1, 1, 1});
  const Tensor p = f64({3}, {2, -2, 0});
  EXPECT_TRUE(close(run_op(PenaltyGrad{0.5, 0}, {g, p})[0], {1.5, 0.5, 1}));
  EXPECT_TRUE(close(run_op(PenaltyGrad{0, 0.25}, {g, p})[0], {2, 0, 1}));
  EXPECT_TRUE(close(run_op(PenaltyGrad{0.5, 0.25}, {g, p})[0], {2.5, -0.5, 1}));
  EXPECT_EQ(run_op(PenaltyGrad{0.5, 0.25}, {f32({1}, {1}), f32({1}, {2})})[0], f32({1}, {2.5F}));
}

TEST(ReferenceConstrain, NonNegativeTakesWhatIsBelowZero) {
  EXPECT_TRUE(close(run_op(Constrain{Bound::non_negative}, {f64({3}, {3, -4, 0})})[0], {3, 0, 0}));
  const Tensor kept = run_op(Constrain{Bound::non_negative}, {f64({1}, {kNaN})})[0];
  EXPECT_TRUE(std::isnan(kept.values<double>()[0])) << "the guard is to see it";
}

TEST(ReferenceConstrain, MaxNormShrinksWhatIsLarger) {
  const double by = 2.5 / (1e-7 + 5);
  EXPECT_TRUE(
      close(run_op(Constrain{Bound::max_norm, 0, 2.5}, {kVector})[0], {3 * by, -4 * by}, 1e-15));
  // Keras divides by 1e-7 + norm whatever the norm is.
  const double within = 5 / (1e-7 + 5);
  EXPECT_TRUE(close(run_op(Constrain{Bound::max_norm, 0, 9}, {kVector})[0],
                    {3 * within, -4 * within}, 1e-15));
}

TEST(ReferenceConstrain, UnitNormHasNormOne) {
  EXPECT_TRUE(close(run_op(Constrain{Bound::unit_norm}, {kVector})[0],
                    {3 / 5.0000001, -4 / 5.0000001}, 1e-15));
  EXPECT_TRUE(close(run_op(Constrain{Bound::unit_norm}, {f64({2}, {0, 0})})[0], {0, 0}));
}

TEST(ReferenceConstrain, MinMaxNormGoesItsRateOfTheWay) {
  const auto scaled = [](const Constrain& rule, double wanted) {
    const double by = wanted / (1e-7 + 5);
    return close(run_op(rule, {kVector})[0], {3 * by, -4 * by}, 1e-15);
  };
  EXPECT_TRUE(scaled({Bound::min_max_norm, 1, 2, 1}, 2));
  EXPECT_TRUE(scaled({Bound::min_max_norm, 7, 8, 1}, 7));
  EXPECT_TRUE(scaled({Bound::min_max_norm, 7, 8, 0.25}, 0.25 * 7 + 0.75 * 5));
  EXPECT_TRUE(scaled({Bound::min_max_norm, 1, 8, 0.5}, 5));
}

}  // namespace
}  // namespace evenkeel::test
