// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/losses.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(LossShape, gives_losses_hits_and_the_gradient) {
  for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{})}) {
    EXPECT_EQ(infer(op, "f32[N,10], i32[N]"), "f32[N], i32[N], f32[N,10]");
    EXPECT_EQ(infer(op, "f64[N,10], f64[N,10]"), "f64[N], i32[N], f64[N,10]");
    EXPECT_EQ(infer(op, "f32[4,1], i32[4]"), "f32[4], i32[4], f32[4,1]");
  }
}

TEST(LossShape, wants_labels_or_targets_like_the_prediction) {
  for (const Op& op : {Op(SigmoidCrossEntropy{}), Op(MeanSquaredError{}), Op(InTopK{})}) {
    const std::string name(name_of(op));
    const std::string start = "[" + name + "] " + name + ": expected input ";
    EXPECT_EQ(infer(op, "f32[N,10], i64[N]"),
              start + "1 of type i32[N] or f32[N,10], got f32[N,10], i64[N]");
    EXPECT_EQ(infer(op, "f32[N,10], f32[N,9]"),
              start + "1 of type i32[N] or f32[N,10], got f32[N,10], f32[N,9]");
    EXPECT_EQ(infer(op, "f32[N,10], i32[N,10]"),
              start + "1 of type i32[N] or f32[N,10], got f32[N,10], i32[N,10]");
    EXPECT_EQ(infer(op, "f32[N,2,5], i32[N]"), start + "0 of rank 2, got f32[N,2,5], i32[N]");
  }
}

TEST(InTopKShape, says_yes_or_no_for_each_sample) {
  EXPECT_EQ(infer(InTopK{}, "f32[N,10], i32[N]"), "i32[N]");
  EXPECT_EQ(infer(InTopK{20}, "f64[N,10], f64[N,10]"), "i32[N]");
  EXPECT_EQ(infer(InTopK{0}, "f32[N,10], i32[N]"),
            "[in_top_k] in_top_k: expected k of at least 1, not 0, got f32[N,10], i32[N]");
}

TEST(LossGradient, scales_what_fell_out_on_the_way) {
  for (const std::string name : {"sigmoid_cross_entropy", "mean_squared_error"}) {
    const std::string graph =
        "graph g\n%z = input {type f32[N,3]} : f32[N,3]\n%t = input {type f32[N,3]} : f32[N,3]\n"
        "%l, %l.1, %l.2 = " +
        name + " %z, %t : f32[N], i32[N], f32[N,3]\n";
    EXPECT_EQ(differentiate(graph + "%loss = mean %l : f32[]\n", {"z"}),
              R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %l : f32[N]
%l/grad = scale_axis %l.2, %loss/grad {axis 0} : f32[N,3]
-> %l/grad
)");
    EXPECT_EQ(differentiate(graph + "%loss = mean %l.2 : f32[]\n", {"z"}),
              "[l] " + name + ": a second derivative is not supported");
  }
}

}  // namespace
}  // namespace evenkeel::test
