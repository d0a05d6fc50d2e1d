// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/activations.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ActivationShape, keeps_its_input) {
  for (const Op& op : {Op(LeakyRelu{}), Op(Relu6{}), Op(Sigmoid{}), Op(Tanh{})}) {
    const std::string name(name_of(op));
    EXPECT_EQ(infer(op, "f32[N,4,4,3]"), "f32[N,4,4,3]") << name;
    EXPECT_EQ(infer(op, "f64[]"), "f64[]") << name;
    EXPECT_EQ(infer(op, "i32[N]"),
              "[" + name + "] " + name + ": expected input 0 of dtype f32 or f64, got i32[N]");
    EXPECT_EQ(infer(op, "f32[N], f32[N]"),
              "[" + name + "] " + name + ": expected 1 input, got f32[N], f32[N]");
  }
}

TEST(ActivationGradShape, wants_dy_and_y_alike) {
  for (const Op& op : {Op(LeakyReluGrad{}), Op(Relu6Grad{}), Op(SigmoidGrad{}), Op(TanhGrad{})}) {
    const std::string name(name_of(op));
    EXPECT_EQ(infer(op, "f32[N,3], f32[N,3]"), "f32[N,3]") << name;
    EXPECT_EQ(
        infer(op, "f32[N,3], f32[3,3]"),
        "[" + name + "] " + name + ": expected inputs 0 and 1 of one type, got f32[N,3], f32[3,3]");
  }
}

// Below 0 the sign of the output would no longer tell that of the input.
TEST(LeakyReluShape, refuses_a_slope_that_is_no_slope) {
  EXPECT_EQ(infer(LeakyRelu{0}, "f32[3]"), "f32[3]");
  EXPECT_EQ(infer(LeakyRelu{-0.5}, "f32[3]"),
            "[leaky_relu] leaky_relu: expected a finite slope of at least 0, not -0.500000, got "
            "f32[3]");
  EXPECT_EQ(infer(LeakyReluGrad{std::numeric_limits<double>::infinity()}, "f32[3], f32[3]"),
            "[leaky_relu_grad] leaky_relu_grad: expected a finite slope of at least 0, not inf, "
            "got f32[3], f32[3]");
}

TEST(ActivationGradient, reads_the_output) {
  for (const std::string name : {"leaky_relu", "relu6", "sigmoid", "tanh"}) {
    const std::string slope = name == "leaky_relu" ? " {slope 0.2}" : "";
    EXPECT_EQ(differentiate("graph g\n%x = input {type f32[N,3]} : f32[N,3]\n%y = " + name + " %x" +
                                slope + " : f32[N,3]\n%loss = mean %y : f32[]\n",
                            {"x"}),
              "%loss/grad_seed = constant {type f32[], value 1} : f32[]\n"
              "%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]\n"
              "%y/grad = " +
                  name + "_grad %loss/grad, %y" + slope + " : f32[N,3]\n-> %y/grad\n");
  }
}

}  // namespace
}  // namespace evenkeel::test
