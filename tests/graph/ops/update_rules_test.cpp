// SPDX-License-Identifier: Apache-2.0
// SGD, RMSprop and Adagrad; Adam has a test of its own.
#include <gtest/gtest.h>

#include "evenkeel/graph/ops/adagrad.h"
#include "evenkeel/graph/ops/rmsprop.h"
#include "evenkeel/graph/ops/sgd.h"
#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(SgdShape, has_a_velocity_only_with_momentum) {
  EXPECT_EQ(infer(SgdUpdate{}, "f32[5], f32[5], f64[]"), "f32[5], i32[1]");
  EXPECT_EQ(infer(SgdUpdate{0.9}, "f32[5], f32[5], f32[5], f64[]"), "f32[5], f32[5], i32[1]");
  EXPECT_EQ(infer(SgdUpdate{0.9, true}, "f64[16385], f64[16385], f64[16385], f64[]"),
            "f64[16385], f64[16385], i32[2]");
  EXPECT_EQ(infer(SgdUpdate{}, "f32[5], f32[5], f32[5], f64[]"),
            "[sgd] sgd: expected 3 inputs, got f32[5], f32[5], f32[5], f64[]");
  EXPECT_EQ(infer(SgdUpdate{0.9}, "f32[5], f32[5], f64[]"),
            "[sgd] sgd: expected 4 inputs, got f32[5], f32[5], f64[]");
}

TEST(SgdShape, wants_gradient_and_rate_in_their_places) {
  EXPECT_EQ(infer(SgdUpdate{}, "f32[5], f32[4], f64[]"),
            "[sgd] sgd: expected inputs 0 and 1 of one type, got f32[5], f32[4], f64[]");
  EXPECT_EQ(infer(SgdUpdate{}, "f32[5], f32[5], f32[]"),
            "[sgd] sgd: expected input 2 of type f64[], got f32[5], f32[5], f32[]");
  EXPECT_EQ(infer(SgdUpdate{}, "f32[N,5], f32[N,5], f64[]"),
            "[sgd] sgd: expected a parameter of known size, got f32[N,5], f32[N,5], f64[]");
}

TEST(SgdShape, refuses_settings_without_sense) {
  const std::string types = "f32[5], f32[5], f32[5], f64[]";
  EXPECT_EQ(infer(SgdUpdate{1.0}, types),
            "[sgd] sgd: expected momentum in [0,1), not 1.000000, got " + types);
  EXPECT_EQ(infer(SgdUpdate{0.9, false, -1}, types),
            "[sgd] sgd: expected a finite l2 of at least 0, not -1.000000, got " + types);
  EXPECT_EQ(infer(SgdUpdate{0, true}, "f32[5], f32[5], f64[]"),
            "[sgd] sgd: expected a momentum above 0 for nesterov, got f32[5], f32[5], f64[]");
}

TEST(RmspropShape, has_squares_and_with_momentum_a_velocity) {
  EXPECT_EQ(infer(RmspropUpdate{}, "f32[5], f32[5], f32[5], f64[]"), "f32[5], f32[5], i32[1]");
  RmspropUpdate moving;
  moving.momentum = 0.5;
  EXPECT_EQ(infer(moving, "f64[5], f64[5], f64[5], f64[5], f64[]"),
            "f64[5], f64[5], f64[5], i32[1]");
  EXPECT_EQ(infer(moving, "f32[5], f32[5], f32[5], f64[]"),
            "[rmsprop] rmsprop: expected 5 inputs, got f32[5], f32[5], f32[5], f64[]");
}

TEST(RmspropShape, refuses_settings_without_sense) {
  const std::string types = "f32[5], f32[5], f32[5], f64[]";
  EXPECT_EQ(infer(RmspropUpdate{1.0}, types),
            "[rmsprop] rmsprop: expected decay in [0,1), not 1.000000, got " + types);
  EXPECT_EQ(infer(RmspropUpdate{0.9, 0}, types),
            "[rmsprop] rmsprop: expected epsilon above 0, not 0.000000, got " + types);
  EXPECT_EQ(infer(RmspropUpdate{0.9, 1e-8, 0, -1}, types),
            "[rmsprop] rmsprop: expected a finite l2 of at least 0, not -1.000000, got " + types);
  EXPECT_EQ(
      infer(RmspropUpdate{0.9, 1e-8, 1}, types + ", f64[]"),
      "[rmsprop] rmsprop: expected momentum in [0,1), not 1.000000, got " + types + ", f64[]");
}

TEST(AdagradShape, has_squares_and_counts_by_blocks) {
  EXPECT_EQ(infer(AdagradUpdate{}, "f32[5], f32[5], f32[5], f64[]"), "f32[5], f32[5], i32[1]");
  EXPECT_EQ(infer(AdagradUpdate{}, "f64[16385], f64[16385], f64[16385], f64[]"),
            "f64[16385], f64[16385], i32[2]");
  EXPECT_EQ(infer(AdagradUpdate{}, "f32[5], f32[5], f64[]"),
            "[adagrad] adagrad: expected 4 inputs, got f32[5], f32[5], f64[]");
  EXPECT_EQ(infer(AdagradUpdate{}, "f32[5], f32[5], f32[4], f64[]"),
            "[adagrad] adagrad: expected inputs 0 and 2 of one type, got f32[5], f32[5], f32[4], "
            "f64[]");
  EXPECT_EQ(infer(AdagradUpdate{}, "f32[5], f32[5], f32[5], f32[]"),
            "[adagrad] adagrad: expected input 3 of type f64[], got f32[5], f32[5], f32[5], f32[]");
}

TEST(AdagradShape, refuses_settings_without_sense) {
  const std::string types = "f32[5], f32[5], f32[5], f64[]";
  for (const double epsilon : {0.0, -1.0})
    EXPECT_EQ(infer(AdagradUpdate{epsilon}, types),
              "[adagrad] adagrad: expected epsilon above 0, not " + std::to_string(epsilon) +
                  ", got " + types);
  EXPECT_EQ(infer(AdagradUpdate{1e-10, -1}, types),
            "[adagrad] adagrad: expected a finite l2 of at least 0, not -1.000000, got " + types);
}

}  // namespace
}  // namespace evenkeel::test
