// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/dropout.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(DropoutShape, keeps_its_input) {
  EXPECT_EQ(infer(Dropout{}, "f32[N,4,4,3]"), "f32[N,4,4,3]");
  EXPECT_EQ(infer(Dropout{0}, "f64[N]"), "f64[N]");
  EXPECT_EQ(infer(Dropout{}, "f32[]"), "[dropout] dropout: expected x of shape [N,..], got f32[]");
  EXPECT_EQ(infer(Dropout{1}, "f32[N]"),
            "[dropout] dropout: expected a rate in [0,1), not 1.000000, got f32[N]");
  EXPECT_EQ(infer(Dropout{-0.1}, "f32[N]"),
            "[dropout] dropout: expected a rate in [0,1), not -0.100000, got f32[N]");
}

TEST(DropoutApplyShape, wants_seed_step_and_one_number_a_sample) {
  EXPECT_EQ(infer(DropoutApply{}, "f32[N,3], i64[], i64[], i64[N]"), "f32[N,3]");
  const std::string start = "[dropout_apply] dropout_apply: expected ";
  EXPECT_EQ(infer(DropoutApply{}, "f32[N,3]"), start + "4 inputs, got f32[N,3]");
  EXPECT_EQ(infer(DropoutApply{}, "f32[N,3], i32[], i64[], i64[N]"),
            start + "input 1 of type i64[], got f32[N,3], i32[], i64[], i64[N]");
  EXPECT_EQ(infer(DropoutApply{}, "f32[N,3], i64[], f64[], i64[N]"),
            start + "input 2 of type i64[], got f32[N,3], i64[], f64[], i64[N]");
  EXPECT_EQ(infer(DropoutApply{}, "f32[N,3], i64[], i64[], i64[3]"),
            start + "input 3 of type i64[N], got f32[N,3], i64[], i64[], i64[3]");
}

TEST(DropoutApplyGradient, drops_the_same_elements) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%seed = input {type i64[]} : i64[]
%step = input {type i64[]} : i64[]
%samples = input {type i64[N]} : i64[N]
%y = dropout_apply %x, %seed, %step, %samples {rate 0.2, stream 7} : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad = dropout_apply %loss/grad, %seed, %step, %samples {rate 0.2, stream 7} : f32[N,3]
-> %y/grad
)");
}

TEST(DropoutGradient, needs_a_mode_first) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%y = dropout %x {rate 0.5} : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"x"}),
            "[y] dropout: has no gradient before it has a mode; call to_training on the graph "
            "first");
}

}  // namespace
}  // namespace evenkeel::test
