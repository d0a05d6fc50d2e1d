// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/bias_add.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(BiasAddShape, keeps_its_input) {
  EXPECT_EQ(infer(BiasAdd{}, "f32[N,4,4,3], f32[3]"), "f32[N,4,4,3]");
  EXPECT_EQ(infer(BiasAdd{}, "f64[3], f64[3]"), "f64[3]");
}

TEST(BiasAddShape, wants_one_bias_a_channel) {
  EXPECT_EQ(infer(BiasAdd{}, "f32[N,3], f32[4]"),
            "[bias_add] bias_add: expected input 1 of type f32[3], got f32[N,3], f32[4]");
  EXPECT_EQ(infer(BiasAdd{}, "f32[N,3], f64[3]"),
            "[bias_add] bias_add: expected input 1 of type f32[3], got f32[N,3], f64[3]");
  EXPECT_EQ(infer(BiasAdd{}, "f32[N], f32[N]"),
            "[bias_add] bias_add: expected x of shape [..,K], got f32[N], f32[N]");
}

TEST(BiasGradShape, is_one_value_a_channel) {
  EXPECT_EQ(infer(BiasGrad{}, "f32[N,4,4,3]"), "f32[3]");
  EXPECT_EQ(infer(BiasGrad{}, "f32[]"),
            "[bias_grad] bias_grad: expected dy of shape [..,K], got f32[]");
}

TEST(BiasAddGradient, passes_on_to_x_and_sums_for_the_bias) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
@b = state {type f32[3]} : f32[3]
%y = bias_add %x, @b : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"b", "x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_bias = bias_grad %loss/grad : f32[3]
-> %y/grad_bias %loss/grad
)");
}

}  // namespace
}  // namespace evenkeel::test
