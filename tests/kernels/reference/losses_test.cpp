// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

const double kLog3 = std::log(3.0);

// s(log 3) = 3/4, s(0) = 1/2.
TEST(ReferenceSigmoidCrossEntropy, IsTheMeanOverClasses) {
  const Tensor z = f64({2, 2}, {kLog3, 0, 0, kLog3});
  const double wrong = (std::log(4.0) + std::log(2.0)) / 2;
  const double right = (std::log(4.0 / 3) + std::log(2.0)) / 2;
  const auto result = run_op(SigmoidCrossEntropy{}, {z, i32({2}, {0, 0})});
  EXPECT_TRUE(close(result[0], {right, wrong}, 1e-14));
  EXPECT_TRUE(close(result[1], {1, 0}));
  EXPECT_TRUE(close(result[2], {-0.125, 0.25, -0.25, 0.375}, 1e-14));
}

TEST(ReferenceSigmoidCrossEntropy, TakesManyTargetsAtOnce) {
  const Tensor z = f64({1, 2}, {kLog3, -kLog3});
  const auto result = run_op(SigmoidCrossEntropy{}, {z, f64({1, 2}, {1, 1})});
  EXPECT_TRUE(close(result[0], {(std::log(4.0 / 3) + std::log(4.0)) / 2}, 1e-14));
  EXPECT_TRUE(close(result[1], {1}));
  EXPECT_TRUE(close(result[2], {-0.125, -0.375}, 1e-14));
  const auto half = run_op(SigmoidCrossEntropy{}, {f64({1, 1}, {0}), f64({1, 1}, {0.5})});
  EXPECT_TRUE(close(half[0], {std::log(2.0)}, 1e-14));
  EXPECT_TRUE(close(half[2], {0}));
}

TEST(ReferenceSigmoidCrossEntropy, OfOneLogitTakesLabelsZeroAndOne) {
  const Tensor z = f64({4, 1}, {kLog3, kLog3, -kLog3, 0});
  const auto result = run_op(SigmoidCrossEntropy{}, {z, i32({4}, {1, 0, 0, 1})});
  const double near = std::log(4.0 / 3);
  EXPECT_TRUE(close(result[0], {near, std::log(4.0), near, std::log(2.0)}, 1e-14));
  EXPECT_TRUE(close(result[1], {1, 0, 1, 0}));
  EXPECT_TRUE(close(result[2], {-0.25, 0.75, 0.25, -0.5}, 1e-14));
}

TEST(ReferenceSigmoidCrossEntropy, LargeLogitsStayFinite) {
  const auto result =
      run_op(SigmoidCrossEntropy{}, {f32({4, 1}, {300, -300, 300, -300}), i32({4}, {1, 0, 0, 1})});
  EXPECT_TRUE(close(result[0], {0, 0, 300, 300}));
  EXPECT_TRUE(close(result[2], {0, 0, 1, -1}));
}

TEST(ReferenceMeanSquaredError, IsTheMeanOverOutputs) {
  const Tensor y = f64({2, 2}, {1, 3, 0, 0.75});
  const auto values = run_op(MeanSquaredError{}, {y, f64({2, 2}, {0, 5, 0, 1})});
  EXPECT_TRUE(close(values[0], {2.5, 0.03125}));
  EXPECT_TRUE(close(values[1], {1, 1}));
  EXPECT_TRUE(close(values[2], {1, -2, 0, -0.25}));
  const auto labels = run_op(MeanSquaredError{}, {y, i32({2}, {1, 0})});
  EXPECT_TRUE(close(labels[0], {2.5, (1 + 0.5625) / 2}));
  EXPECT_TRUE(close(labels[1], {1, 0}));
}

TEST(ReferenceMeanSquaredError, OfOneOutputIsCorrectWhereItIsNearer) {
  const Tensor y = f64({4, 1}, {0.6, 0.6, 0.4, -3});
  const auto result = run_op(MeanSquaredError{}, {y, i32({4}, {1, 0, 1, 0})});
  EXPECT_TRUE(close(result[0], {0.16, 0.36, 0.36, 9}, 1e-14));
  EXPECT_TRUE(close(result[1], {1, 0, 0, 1}));
  EXPECT_TRUE(close(result[2], {-0.8, 1.2, -1.2, -6}, 1e-14));
}

TEST(ReferenceLosses, ALabelOutsideIsNaNAndNeverCorrect) {
  for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})})
    for (const std::int32_t label : {-1, 2})
      for (const std::int64_t K : {1, 2}) {
        const Tensor z = K == 1 ? f64({1, 1}, {1}) : f64({1, 2}, {1, 0});
        const auto result = run_op(op, {z, i32({1}, {label})});
        EXPECT_TRUE(close(result[0], {kNaN})) << name_of(op) << " " << label << " " << K;
        EXPECT_TRUE(close(result[1], {0}));
        EXPECT_TRUE(std::isnan(result[2].values<double>()[0]));
      }
}

TEST(ReferenceLosses, NaNAndInfinityShow) {
  for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})})
    for (const double bad : {kNaN, kInfinity, -kInfinity}) {
      const auto result = run_op(op, {f64({2, 2}, {1, bad, 1, 0}), f64({2, 2}, {0, 0.5, 1, 0})});
      EXPECT_FALSE(std::isfinite(result[0].values<double>()[0])) << name_of(op) << " " << bad;
      EXPECT_TRUE(std::isfinite(result[0].values<double>()[1])) << name_of(op) << " " << bad;
    }
}

TEST(ReferenceSoftmaxCrossEntropy, OfTargetsWeighsEachClass) {
  const Tensor z = f64({3, 2}, {0, kLog3, 0, kLog3, 0, kLog3});
  const auto result = run_op(SoftmaxCrossEntropy{}, {z, f64({3, 2}, {0, 1, 0.5, 0.5, 2, 0})});
  const double low = std::log(4.0), high = std::log(4.0 / 3);
  EXPECT_TRUE(close(result[0], {high, (low + high) / 2, 2 * low}, 1e-14));
  EXPECT_TRUE(close(result[1], {1, 0, 0}));
  EXPECT_TRUE(close(result[2], {0.25, -0.25, -0.25, 0.25, -1.5, 1.5}, 1e-14));
}

TEST(ReferenceSoftmaxCrossEntropy, OfOneHotTargetsIsThatOfLabels) {
  const Tensor z = f64({2, 3}, {1, 5, -2, 0.5, 0, 3});
  const auto labels = run_op(SoftmaxCrossEntropy{}, {z, i32({2}, {1, 0})});
  const auto targets = run_op(SoftmaxCrossEntropy{}, {z, f64({2, 3}, {0, 1, 0, 1, 0, 0})});
  for (std::size_t output = 0; output < 3; ++output)
    EXPECT_TRUE(close(targets[output], labels[output], 1e-14, 1));
}

TEST(ReferenceSoftmaxCrossEntropy, ClassesWithoutWeightAddNothing) {
  const Tensor z = f64({1, 2}, {0, -kInfinity});
  EXPECT_TRUE(close(run_op(SoftmaxCrossEntropy{}, {z, f64({1, 2}, {1, 0})})[0], {0}));
  EXPECT_TRUE(close(run_op(SoftmaxCrossEntropy{}, {z, f64({1, 2}, {0, 1})})[0], {kInfinity}));
  EXPECT_TRUE(close(run_op(SoftmaxCrossEntropy{}, {z, f64({1, 2}, {kNaN, 0})})[0], {kNaN}));
}

TEST(ReferenceInTopK, CountsWhatIsLarger) {
  const Tensor z = f64({4, 3}, {3, 2, 1, 3, 2, 1, 3, 2, 1, 1, 2, 3});
  const Tensor labels = i32({4}, {0, 1, 2, 0});
  EXPECT_EQ(run_op(InTopK{1}, {z, labels})[0], i32({4}, {1, 0, 0, 0}));
  EXPECT_EQ(run_op(InTopK{2}, {z, labels})[0], i32({4}, {1, 1, 0, 0}));
  EXPECT_EQ(run_op(InTopK{3}, {z, labels})[0], i32({4}, {1, 1, 1, 1}));
  EXPECT_EQ(run_op(InTopK{9}, {z, labels})[0], i32({4}, {1, 1, 1, 1}));
}

TEST(ReferenceInTopK, OfEqualsTheFirstCountsAsLarger) {
  const Tensor z = f64({3, 3}, {2, 2, 2, 2, 2, 2, 2, 2, 2});
  EXPECT_EQ(run_op(InTopK{1}, {z, i32({3}, {0, 1, 2})})[0], i32({3}, {1, 0, 0}));
  EXPECT_EQ(run_op(InTopK{2}, {z, i32({3}, {0, 1, 2})})[0], i32({3}, {1, 1, 0}));
}

TEST(ReferenceInTopK, NaNAndLabelsOutsideAreNeverAmongThem) {
  const Tensor z = f64({4, 2}, {kNaN, 1, kNaN, 1, 1, 0, 1, 0});
  EXPECT_EQ(run_op(InTopK{2}, {z, i32({4}, {0, 1, 2, -1})})[0], i32({4}, {0, 1, 0, 0}));
}

TEST(ReferenceInTopK, OfTargetsLooksForTheFirstLargest) {
  const Tensor z = f64({2, 3}, {3, 2, 1, 3, 2, 1});
  const Tensor targets = f64({2, 3}, {0, 0.5, 0.5, 0.1, 0.2, 0.7});
  EXPECT_EQ(run_op(InTopK{2}, {z, targets})[0], i32({2}, {1, 0}));
}

}  // namespace
}  // namespace evenkeel::test
