// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "evenkeel/graph/ops.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

void check_matmul(Draw& draw, const MatMul& op) {
  GradientCase c(draw);
  const std::int64_t M = draw.integer(1, 6);
  const std::int64_t C = draw.integer(1, 7);
  const std::int64_t K = draw.integer(1, 6);
  const Value a = c.input("a", draw.uniform_tensor(op.transpose_a ? Shape{C, M} : Shape{M, C}));
  const Value b = c.parameter("b", draw.uniform_tensor(op.transpose_b ? Shape{K, C} : Shape{C, K}));
  c.check(c.weighted_sum(ops::matmul(c.graph, a, b, op)));
}

TEST(MatMulGradient, AsWritten) {
  for_random_cases(50, [](Draw& draw) { check_matmul(draw, {false, false}); });
}
TEST(MatMulGradient, FirstTransposed) {
  for_random_cases(50, [](Draw& draw) { check_matmul(draw, {true, false}); });
}
TEST(MatMulGradient, SecondTransposed) {
  for_random_cases(50, [](Draw& draw) { check_matmul(draw, {false, true}); });
}
TEST(MatMulGradient, BothTransposed) {
  for_random_cases(50, [](Draw& draw) { check_matmul(draw, {true, true}); });
}

}  // namespace
}  // namespace evenkeel::test
