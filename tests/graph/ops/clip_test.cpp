// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/clip.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(SquaredNormShape, is_one_number_in_double) {
  EXPECT_EQ(infer(SquaredNorm{}, "f32[3,3,2,4]"), "f64[]");
  EXPECT_EQ(infer(SquaredNorm{}, "f64[]"), "f64[]");
  EXPECT_EQ(infer(SquaredNorm{}, "i32[3]"),
            "[squared_norm] squared_norm: expected input 0 of dtype f32 or f64, got i32[3]");
}

TEST(ClipFactorShape, is_one_number_of_the_dtype_asked_for) {
  EXPECT_EQ(infer(ClipFactor{}, "f64[]"), "f32[]");
  EXPECT_EQ(infer(ClipFactor{2, DType::f64}, "f64[]"), "f64[]");
  EXPECT_EQ(infer(ClipFactor{}, "f32[]"),
            "[clip_factor] clip_factor: expected input 0 of type f64[], got f32[]");
  EXPECT_EQ(infer(ClipFactor{1, DType::i32}, "f64[]"),
            "[clip_factor] clip_factor: expected attribute dtype f32 or f64, got f64[]");
  EXPECT_EQ(infer(ClipFactor{0}, "f64[]"),
            "[clip_factor] clip_factor: expected a largest norm above 0, not 0.000000, got f64[]");
}

}  // namespace
}  // namespace evenkeel::test
