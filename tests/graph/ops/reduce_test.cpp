// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/reduce.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(MeanShape, is_a_scalar) {
  EXPECT_EQ(infer(Mean{}, "f32[N]"), "f32[]");
  EXPECT_EQ(infer(Mean{}, "f64[2,3]"), "f64[]");
  EXPECT_EQ(infer(Mean{}, "i32[N]"),
            "[mean] mean: expected input 0 of dtype f32 or f64, got i32[N]");
}

TEST(MeanGradShape, is_that_of_its_second_input) {
  EXPECT_EQ(infer(MeanGrad{}, "f32[], f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(MeanGrad{}, "f32[1], f32[N,3]"),
            "[mean_grad] mean_grad: expected input 0 of type f32[], got f32[1], f32[N,3]");
}

TEST(SumShape, is_a_scalar_i32) {
  EXPECT_EQ(infer(Sum{}, "i32[N]"), "i32[]");
  EXPECT_EQ(infer(Sum{}, "f32[N]"), "[sum] sum: expected input 0 of type i32[N], got f32[N]");
}

}  // namespace
}  // namespace evenkeel::test
