// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/relu.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ReluShape, keeps_its_input) {
  EXPECT_EQ(infer(Relu{}, "f32[N,4,4,3]"), "f32[N,4,4,3]");
  EXPECT_EQ(infer(Relu{}, "f64[]"), "f64[]");
  EXPECT_EQ(infer(Relu{}, "i32[N]"),
            "[relu] relu: expected input 0 of dtype f32 or f64, got i32[N]");
}

TEST(ReluGradShape, wants_dy_and_y_alike) {
  EXPECT_EQ(infer(ReluGrad{}, "f32[N,3], f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(ReluGrad{}, "f32[N,3], f32[3,3]"),
            "[relu_grad] relu_grad: expected inputs 0 and 1 of one type, got f32[N,3], f32[3,3]");
}

TEST(ReluGradient, reads_its_output) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%y = relu %x : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad = relu_grad %loss/grad, %y : f32[N,3]
-> %y/grad
)");
}

}  // namespace
}  // namespace evenkeel::test
