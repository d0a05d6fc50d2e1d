// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/adam.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(AdamShape, gives_parameter_slots_and_a_count_a_block) {
  EXPECT_EQ(infer(AdamUpdate{}, "f32[5], f32[5], f32[5], f32[5], f64[], i64[]"),
            "f32[5], f32[5], f32[5], i32[1]");
  EXPECT_EQ(infer(AdamUpdate{}, "f64[2,8192], f64[2,8192], f64[2,8192], f64[2,8192], f64[], i64[]"),
            "f64[2,8192], f64[2,8192], f64[2,8192], i32[1]");
  EXPECT_EQ(infer(AdamUpdate{}, "f32[16385], f32[16385], f32[16385], f32[16385], f64[], i64[]"),
            "f32[16385], f32[16385], f32[16385], i32[2]");
}

TEST(AdamShape, wants_slots_and_gradient_like_the_parameter) {
  EXPECT_EQ(infer(AdamUpdate{}, "f32[5], f32[5], f32[5], f32[4], f64[], i64[]"),
            "[adam] adam: expected inputs 0 and 3 of one type, got f32[5], f32[5], f32[5], f32[4], "
            "f64[], i64[]");
  EXPECT_EQ(infer(AdamUpdate{}, "f32[5], f32[5], f32[5], f32[5], f32[], i64[]"),
            "[adam] adam: expected input 4 of type f64[], got f32[5], f32[5], f32[5], f32[5], "
            "f32[], i64[]");
}

TEST(AdamShape, refuses_settings_that_cannot_converge) {
  const std::string types = "f32[5], f32[5], f32[5], f32[5], f64[], i64[]";
  EXPECT_EQ(infer(AdamUpdate{1.0}, types),
            "[adam] adam: expected betas in [0,1), not 1.000000, got " + types);
  EXPECT_EQ(infer(AdamUpdate{0.9, -0.1}, types),
            "[adam] adam: expected betas in [0,1), not -0.100000, got " + types);
  EXPECT_EQ(infer(AdamUpdate{0.9, 0.999, 0}, types),
            "[adam] adam: expected epsilon above 0, not 0.000000, got " + types);
  AdamUpdate op;
  op.l2 = -1;
  EXPECT_EQ(infer(op, types),
            "[adam] adam: expected a finite l2 of at least 0, not -1.000000, got " + types);
  op.l2 = 0;
  op.decay = -1;
  EXPECT_EQ(infer(op, types),
            "[adam] adam: expected a finite decay of at least 0, not -1.000000, got " + types);
}

}  // namespace
}  // namespace evenkeel::test
