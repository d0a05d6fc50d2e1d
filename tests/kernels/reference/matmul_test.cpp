// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

const std::vector<double> kProduct = {58, 64, 139, 154};

TEST(ReferenceMatMul, WithEachFactorEitherWayRound) {
  const Tensor a = f64({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor a_transposed = f64({3, 2}, {1, 4, 2, 5, 3, 6});
  const Tensor b = f64({3, 2}, {7, 8, 9, 10, 11, 12});
  const Tensor b_transposed = f64({2, 3}, {7, 9, 11, 8, 10, 12});
  EXPECT_TRUE(close(run_op(MatMul{false, false}, {a, b})[0], kProduct));
  EXPECT_TRUE(close(run_op(MatMul{true, false}, {a_transposed, b})[0], kProduct));
  EXPECT_TRUE(close(run_op(MatMul{false, true}, {a, b_transposed})[0], kProduct));
  EXPECT_TRUE(close(run_op(MatMul{true, true}, {a_transposed, b_transposed})[0], kProduct));
}

TEST(ReferenceMatMul, WidensFactorsInBf16) {
  const Tensor a = f32({2, 3}, {1, 2, 3, 4, 5, 6});
  const Tensor b = f32({3, 2}, {7, 8, 9, 10, 11, 12});
  const Tensor narrow_a = run_op(Cast{DType::bf16}, {a})[0];
  const Tensor narrow_b = run_op(Cast{DType::bf16}, {b})[0];
  const Tensor product = f32({2, 2}, {58, 64, 139, 154});
  EXPECT_EQ(run_op(MatMul{}, {a, narrow_b})[0], product);
  EXPECT_EQ(run_op(MatMul{}, {narrow_a, b})[0], product);
  EXPECT_EQ(run_op(MatMul{}, {narrow_a, narrow_b})[0], product);
  EXPECT_EQ(
      run_op(MatMul{}, {f64({1, 1}, {3}), run_op(Cast{DType::bf16}, {f32({1, 1}, {5})})[0]})[0],
      f64({1, 1}, {15}));
}

}  // namespace
}  // namespace evenkeel::test
