// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

TEST(ReferenceLeakyRelu, LeansBelowZero) {
  const Tensor x = f64({5}, {-2, 0, 3, kNaN, -kInfinity});
  EXPECT_TRUE(close(run_op(LeakyRelu{0.25}, {x})[0], {-0.5, 0, 3, kNaN, -kInfinity}));
  const Tensor dy = f64({4}, {8, 8, 8, 8});
  EXPECT_TRUE(
      close(run_op(LeakyReluGrad{0.25}, {dy, f64({4}, {-0.5, 0, 3, kNaN})})[0], {2, 2, 8, 2}));
}

TEST(ReferenceRelu6, StaysBetweenZeroAndSix) {
  const Tensor x = f32({7}, {-1, 0, 2.5F, 6, 7, static_cast<float>(kNaN), INFINITY});
  EXPECT_TRUE(close(run_op(Relu6{}, {x})[0], {0, 0, 2.5, 6, 6, kNaN, 6}));
  EXPECT_TRUE(close(run_op(Relu6{}, {f64({1}, {-kInfinity})})[0], {0}));
  const Tensor dy = f64({5}, {1, 2, 3, 4, 5});
  EXPECT_TRUE(
      close(run_op(Relu6Grad{}, {dy, f64({5}, {0, 0.5, 5.5, 6, kNaN})})[0], {0, 2, 3, 0, 0}));
}

TEST(ReferenceSigmoid, IsAHalfAtZeroAndFlatFarAway) {
  const Tensor x = f64({6}, {0, std::log(3), -std::log(3), kInfinity, -kInfinity, kNaN});
  EXPECT_TRUE(close(run_op(Sigmoid{}, {x})[0], {0.5, 0.75, 0.25, 1, 0, kNaN}, 1e-15));
  const Tensor far = f32({3}, {200, -200, -80});
  EXPECT_TRUE(close(run_op(Sigmoid{}, {far})[0], {1, 0, std::exp(-80.0)}, 1e-6));
  EXPECT_TRUE(close(run_op(SigmoidGrad{}, {f64({3}, {8, 8, 8}), f64({3}, {0.5, 0.25, 1})})[0],
                    {2, 1.5, 0}));
}

// tanh(log 2) = (2 - 1/2) / (2 + 1/2).
TEST(ReferenceTanh, IsOddAndFlatFarAway) {
  const Tensor x = f64({6}, {0, std::log(2), -std::log(2), kInfinity, -kInfinity, kNaN});
  EXPECT_TRUE(close(run_op(Tanh{}, {x})[0], {0, 0.6, -0.6, 1, -1, kNaN}, 1e-15));
  EXPECT_TRUE(
      close(run_op(TanhGrad{}, {f64({3}, {4, 4, 4}), f64({3}, {0, 0.5, -1})})[0], {4, 3, 0}));
}

// y = (1/4, 3/4), dy = (1, 3): sum dy y = 5/2.
TEST(ReferenceSoftmaxGrad, TakesOffTheRowsMean) {
  const Tensor y = f64({2, 2}, {0.25, 0.75, 0.5, 0.5});
  EXPECT_TRUE(
      close(run_op(SoftmaxGrad{}, {f64({2, 2}, {1, 3, 2, 4}), y})[0], {-0.375, 0.375, -0.5, 0.5}));
}

TEST(ReferenceMultiply, MultipliesElementByElement) {
  EXPECT_TRUE(close(run_op(Multiply{}, {f64({3}, {2, -3, 0}), f64({3}, {5, 7, kInfinity})})[0],
                    {10, -21, kNaN}));
}

}  // namespace
}  // namespace evenkeel::test
