// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

// Rows (1, 3), mean 2 and variance 1, and (0, 8), mean 4 and variance 16.
TEST(ReferenceLayerNorm, NormalisesRows) {
  const Tensor gamma = f64({2}, {4, 2});
  const Tensor beta = f64({2}, {10, 20});
  const double v = 4 / std::sqrt(19.0);
  for (const Shape& shape : {Shape{2, 2}, Shape{1, 2, 2}, Shape{1, 1, 2, 2}})
    EXPECT_TRUE(close(run_op(LayerNorm{3}, {f64(shape, {1, 3, 0, 8}), gamma, beta})[0],
                      {8, 21, 10 - 4 * v, 20 + 2 * v}, 1e-15));
}

// As in group norm's test; a second row in the sample adds to its sums, a second sample does not.
TEST(ReferenceLayerNorm, GradientByHand) {
  const Tensor gamma = f64({2}, {4, 2});
  const auto rows =
      run_op(LayerNormGrad{3}, {f64({1, 2, 2}, {1, 3, 1, 3}), f64({1, 2, 2}, {1, 3, 1, 3}), gamma});
  EXPECT_TRUE(close(rows[0], {-0.375, 0.375, -0.375, 0.375}, 1e-15));
  EXPECT_TRUE(close(rows[1], {2, 6}));
  EXPECT_TRUE(close(rows[2], {-1, 3}, 1e-15));
  const auto samples =
      run_op(LayerNormGrad{3}, {f64({2, 2}, {1, 3, 1, 3}), f64({2, 2}, {1, 3, 3, 1}), gamma});
  EXPECT_TRUE(close(samples[1], {1, 3, 1, 3}));
  EXPECT_TRUE(close(samples[2], {-0.5, 1.5, 0.5, -1.5}, 1e-15));
}

TEST(ReferenceLayerNorm, OfConstantsIsExactlyBeta) {
  for (const float value : {0.1F, 1000000.0625F, 1e30F})
    EXPECT_EQ(run_op(LayerNorm{}, {f32({1, 3}, std::vector<float>(3, value)), f32({3}, {3, 7, 1}),
                                   f32({3}, {0.3F, -5, 1e-8F})})[0],
              f32({1, 3}, {0.3F, -5, 1e-8F}));
}

TEST(ReferenceLayerNorm, FarFromZeroFloatsKeepTheirVariance) {
  const Tensor x = f32({2, 2}, {999999, 1000001, -999999, -1000001});
  const auto y = run_op(LayerNorm{}, {x, f32({2}, {1, 1}), f32({2}, {0, 0})});
  EXPECT_TRUE(close(y[0], {-1, 1, 1, -1}, 1e-5));
}

}  // namespace
}  // namespace evenkeel::test
