// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

// Groups (1, 3) and (10, 16), means 2 and 13, variances 1 and 9: with epsilon 3 and 7 below.
TEST(ReferenceGroupNorm, NormalisesGroupsOfChannels) {
  const Tensor x = f64({1, 4}, {1, 3, 10, 16});
  const Tensor gamma = f64({4}, {4, 2, 8, 4});
  const Tensor beta = f64({4}, {10, 20, 30, 40});
  EXPECT_TRUE(close(run_op(GroupNorm{2, 3}, {x, gamma, beta})[0],
                    {8, 21, 30 - 24 / std::sqrt(12.0), 40 + 12 / std::sqrt(12.0)}, 1e-15));
  EXPECT_TRUE(close(run_op(GroupNorm{2, 7}, {x, gamma, beta})[0],
                    {10 - 4 / std::sqrt(8.0), 20 + 2 / std::sqrt(8.0), 24, 43}, 1e-15));
}

// One sample at a time, and each of its channels: (1, 3), (10, 16); (5, 5), (0, 8).
TEST(ReferenceGroupNorm, WithAGroupForEachChannelIsInstanceNorm) {
  const Tensor x = f64({2, 1, 2, 2}, {1, 10, 3, 16, 5, 0, 5, 8});
  const Tensor gamma = f64({2}, {4, 4});
  const Tensor beta = f64({2}, {1, 2});
  const double v = 12 / std::sqrt(12.0);
  const double w = 16 / std::sqrt(19.0);
  EXPECT_TRUE(close(run_op(GroupNorm{2, 3}, {x, gamma, beta})[0],
                    {-1, 2 - v, 3, 2 + v, 1, 2 - w, 1, 2 + w}, 1e-15));
}

// A single group: 1, 3, 5, 7 have the mean 4 and the variance 5.
TEST(ReferenceGroupNorm, WithOneGroupNormalisesTheSample) {
  const Tensor one = f64({2}, {1, 2});
  EXPECT_TRUE(
      close(run_op(GroupNorm{1, 4}, {f64({1, 2, 2}, {1, 3, 5, 7}), one, f64({2}, {0, 0})})[0],
            {-1, -2.0 / 3, 1.0 / 3, 2}, 1e-15));
}

// dy = (1, 3), gamma (4, 2), xhat = (-1/2, 1/2): dbeta dy, dgamma (-1/2, 3/2), g = (4, 6) of mean
// 5 and mean(g xhat) 1/2; dx = (g - 5 - xhat / 2) / 2.
TEST(ReferenceGroupNorm, GradientByHand) {
  const auto result =
      run_op(GroupNormGrad{1, 3}, {f64({1, 2}, {1, 3}), f64({1, 2}, {1, 3}), f64({2}, {4, 2})});
  EXPECT_TRUE(close(result[0], {-0.375, 0.375}, 1e-15));
  EXPECT_TRUE(close(result[1], {1, 3}));
  EXPECT_TRUE(close(result[2], {-0.5, 1.5}, 1e-15));
}

// Two positions of one channel: sums over them, of each sample by itself.
TEST(ReferenceGroupNorm, GradientSumsEachSample) {
  const Tensor x = f64({2, 2, 1}, {1, 3, 3, 1});
  const auto result = run_op(GroupNormGrad{1, 3}, {f64({2, 2, 1}, {1, 3, 1, 3}), x, f64({1}, {1})});
  EXPECT_TRUE(close(result[1], {4, 4}));
  EXPECT_TRUE(close(result[2], {1, -1}, 1e-15));
}

TEST(ReferenceGroupNorm, OfConstantsIsExactlyBeta) {
  for (const float value : {0.1F, 1000000.0625F, 1e30F}) {
    const Tensor x = f32({1, 3, 2}, std::vector<float>(6, value));
    for (const std::int64_t groups : {1, 2})
      EXPECT_EQ(run_op(GroupNorm{groups}, {x, f32({2}, {3, 7}), f32({2}, {0.3F, -5})})[0],
                f32({1, 3, 2}, {0.3F, -5, 0.3F, -5, 0.3F, -5}));
  }
}

// 1e6 - 1 and 1e6 + 1: normalised, -1 and 1, up to epsilon.
TEST(ReferenceGroupNorm, FarFromZeroFloatsKeepTheirVariance) {
  const Tensor x = f32({1, 2, 2}, {999999, 1000001, 1000001, 999999});
  const auto y = run_op(GroupNorm{}, {x, f32({2}, {1, 1}), f32({2}, {0, 0})});
  EXPECT_TRUE(close(y[0], {-1, 1, 1, -1}, 1e-5));
}

}  // namespace
}  // namespace evenkeel::test
