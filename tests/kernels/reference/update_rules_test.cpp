// SPDX-License-Identifier: Apache-2.0
// SGD, RMSprop, Adagrad, Adam's two decays, and clipping, with numbers worked out by hand.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

Tensor one(double value) { return f64({1}, {value}); }
const Tensor kRate = f64({}, {0.5});

TEST(ReferenceSgd, StepsAgainstTheGradient) {
  const auto result = run_op(SgdUpdate{}, {one(3), one(2), kRate});
  EXPECT_TRUE(close(result[0], {2}));
  EXPECT_EQ(result[1], i32({1}, {0}));
  EXPECT_TRUE(close(run_op(SgdUpdate{0, false, 0.5}, {one(3), one(2), kRate})[0], {1.25}));
}

// v = 0.5 * 4 + 2 = 4; p - 0.5 v, or with Nesterov p - 0.5 (2 + 0.5 * 4).
TEST(ReferenceSgd, WithMomentumFollowsTheVelocity) {
  const std::vector<Tensor> inputs = {one(3), one(4), one(2), kRate};
  const auto heavy = run_op(SgdUpdate{0.5}, inputs);
  EXPECT_TRUE(close(heavy[0], {1}));
  EXPECT_TRUE(close(heavy[1], {4}));
  const auto nesterov = run_op(SgdUpdate{0.25, true}, inputs);  // v = 3, step 2 + 0.25 * 3
  EXPECT_TRUE(close(nesterov[0], {3 - 0.5 * 2.75}));
  EXPECT_TRUE(close(nesterov[1], {3}));
  const auto decaying = run_op(SgdUpdate{0.5, false, 2}, inputs);  // g = 8, v = 10
  EXPECT_TRUE(close(decaying[0], {-2}));
}

// s = 3/4 * 4 + 1/4 * 4 = 4, u = 2 / (2 + epsilon).
TEST(ReferenceRmsprop, DividesByTheRootOfTheSquares) {
  const auto result = run_op(RmspropUpdate{0.75, 2}, {one(3), one(4), one(2), kRate});
  EXPECT_TRUE(close(result[0], {2.75}));
  EXPECT_TRUE(close(result[1], {4}));
  EXPECT_EQ(result[2], i32({1}, {0}));
}

TEST(ReferenceRmsprop, WithMomentumFollowsTheVelocity) {
  const RmspropUpdate op = {0.75, 2, 0.5};
  const auto result = run_op(op, {one(3), one(4), one(1), one(2), kRate});  // v = 1/2 + 1/2
  EXPECT_TRUE(close(result[0], {2.5}));
  EXPECT_TRUE(close(result[1], {4}));
  EXPECT_TRUE(close(result[2], {1}));
}

// g = 1 + 0.5 * 2 = 2, the same as above.
TEST(ReferenceRmsprop, L2IsPartOfTheGradient) {
  const RmspropUpdate op = {0.75, 2, 0, 0.5};
  const auto result = run_op(op, {one(2), one(4), one(1), kRate});
  EXPECT_TRUE(close(result[0], {1.75}));
  EXPECT_TRUE(close(result[1], {4}));
}

// s = 12 + 4 = 16, step 2 / (4 + epsilon); with l2 g = 1 + 0.5 * 2 and s the same.
TEST(ReferenceAdagrad, DividesByTheRootOfAllSquaresSoFar) {
  const auto result = run_op(AdagradUpdate{4}, {one(3), one(12), one(2), kRate});
  EXPECT_TRUE(close(result[0], {2.875}));
  EXPECT_TRUE(close(result[1], {16}));
  EXPECT_EQ(result[2], i32({1}, {0}));
  const auto l2 = run_op(AdagradUpdate{4, 0.5}, {one(2), one(12), one(1), kRate});
  EXPECT_TRUE(close(l2[0], {1.875}));
  EXPECT_TRUE(close(l2[1], {16}));
}

// beta1 = beta2 = 1/2 in the first step with epsilon 1: m = g/2, v = g^2/2, rate 1/2
// sqrt(1/2)/(1/2).
TEST(ReferenceAdam, L2IsPartOfTheGradientAndDecayIsNot) {
  const auto adam = [](double l2, double decay, double g) {
    const AdamUpdate op = {0.5, 0.5, 1, AdamForm::tensorflow, l2, decay};
    return run_op(op, {one(2), one(0), one(0), one(g), kRate, i64({}, {0})});
  };
  const auto plain = adam(0, 0, 3);
  const auto l2 = adam(0.5, 0, 2);
  for (std::size_t output = 0; output < 3; ++output) EXPECT_EQ(l2[output], plain[output]);
  const auto decayed = adam(0, 0.25, 3);
  EXPECT_TRUE(close(decayed[0], {plain[0].values<double>()[0] - 0.5 * 0.25 * 2}, 1e-14));
  EXPECT_EQ(decayed[1], plain[1]);
  EXPECT_EQ(decayed[2], plain[2]);
}

// With l2, as without: the loss's own gradient is looked at.
TEST(ReferenceUpdateRules, CountGradientsThatAreNotFinite) {
  const std::int64_t count = SgdUpdate::kBlock + 1;
  Tensor g(DType::f32, {count});
  g.values<float>()[0] = static_cast<float>(kNaN);
  g.values<float>()[1] = static_cast<float>(-kInfinity);
  g.values<float>().back() = static_cast<float>(kInfinity);
  const Tensor p(DType::f32, {count});
  EXPECT_EQ(run_op(SgdUpdate{}, {p, g, kRate})[1], i32({2}, {2, 1}));
  EXPECT_EQ(run_op(SgdUpdate{0.9, false, 0.1}, {p, p, g, kRate})[2], i32({2}, {2, 1}));
  EXPECT_EQ(run_op(RmspropUpdate{}, {p, p, g, kRate})[2], i32({2}, {2, 1}));
  EXPECT_EQ(run_op(AdagradUpdate{1e-10, 0.1}, {p, p, g, kRate})[2], i32({2}, {2, 1}));
}

TEST(ReferenceClip, SumsSquaresInDouble) {
  EXPECT_TRUE(close(run_op(SquaredNorm{}, {f32({2, 2}, {1, 2, 3, 4})})[0], {30}));
  EXPECT_EQ(run_op(SquaredNorm{}, {f32({2}, {1e30F, 0})})[0].dtype, DType::f64);
  EXPECT_TRUE(close(run_op(SquaredNorm{}, {f32({1}, {1e30F})})[0], {1e60}, 1e-6));
  EXPECT_TRUE(close(run_op(SquaredNorm{}, {f64({2}, {kInfinity, 1})})[0], {kInfinity}));
  EXPECT_TRUE(close(run_op(SquaredNorm{}, {f64({2}, {kNaN, 1})})[0], {kNaN}));
}

TEST(ReferenceClip, ShortensToTheLargestNormAllowed) {
  const auto factor = [](double squares) {
    return run_op(ClipFactor{3, DType::f64}, {f64({}, {squares})})[0];
  };
  EXPECT_TRUE(close(factor(36), {3 / (6 + 1e-6)}, 1e-15));
  EXPECT_TRUE(close(factor(4), {1}));
  EXPECT_TRUE(close(factor(0), {1}));
  // What is not finite is not hidden by a factor of 0 or NaN.
  EXPECT_TRUE(close(factor(kInfinity), {1}));
  EXPECT_TRUE(close(factor(kNaN), {1}));
  EXPECT_EQ(run_op(ClipFactor{3}, {f64({}, {36})})[0].dtype, DType::f32);
}

}  // namespace
}  // namespace evenkeel::test
