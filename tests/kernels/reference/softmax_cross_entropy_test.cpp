// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceSoftmax, SumsToOneHoweverLargeTheLogits) {
  const double log3 = std::log(3);
  const Tensor y = run_op(Softmax{}, {f64({2, 2}, {0, log3, 1000, 1000 + log3})})[0];
  EXPECT_TRUE(close(y, {0.25, 0.75, 0.25, 0.75}, 1e-13));
}

TEST(ReferenceSoftmaxCrossEntropy, LossCorrectAndGradient) {
  const double log3 = std::log(3);
  const auto result =
      run_op(SoftmaxCrossEntropy{}, {f64({2, 2}, {0, log3, 0, log3}), i32({2}, {1, 0})});
  EXPECT_TRUE(close(result[0], {std::log(4.0 / 3), std::log(4)}, 1e-14));
  EXPECT_TRUE(close(result[1], {1, 0}));
  EXPECT_TRUE(close(result[2], {0.25, -0.25, -0.75, 0.75}, 1e-14));
}

TEST(ReferenceSoftmaxCrossEntropy, LogitsFarApartStayFinite) {
  const auto result =
      run_op(SoftmaxCrossEntropy{}, {f32({2, 2}, {3e38F, -3e38F, 0, 200}), i32({2}, {0, 0})});
  EXPECT_TRUE(close(result[0], {0, 200}));
  EXPECT_TRUE(close(result[2], {0, 0, -1, 1}, 1e-7));
}

TEST(ReferenceSoftmaxCrossEntropy, OfEqualLogitsTheFirstIsTheGuess) {
  const Tensor z = f64({2, 3}, {1, 1, 1, 0, 2, 2});
  EXPECT_TRUE(close(run_op(SoftmaxCrossEntropy{}, {z, i32({2}, {0, 2})})[1], {1, 0}));
}

TEST(ReferenceSoftmaxCrossEntropy, ALabelOutOfRangeIsNaNAndNeverCorrect) {
  for (const std::int32_t label : {-1, 2}) {
    const auto result = run_op(SoftmaxCrossEntropy{}, {f64({1, 2}, {0, 1}), i32({1}, {label})});
    EXPECT_TRUE(close(result[0], {kNaN}));
    EXPECT_TRUE(close(result[1], {0}));
    EXPECT_TRUE(close(result[2], {kNaN, kNaN}));
  }
}

}  // namespace
}  // namespace evenkeel::test
