// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/softmax_cross_entropy.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(SoftmaxShape, keeps_its_input) {
  EXPECT_EQ(infer(Softmax{}, "f32[N,10]"), "f32[N,10]");
  EXPECT_EQ(infer(Softmax{}, "f64[N,3,10]"), "f64[N,3,10]");
  EXPECT_EQ(infer(Softmax{}, "f32[10]"),
            "[softmax] softmax: expected z of shape [N,..,K], got f32[10]");
}

TEST(SoftmaxGradShape, wants_dy_and_y_alike) {
  EXPECT_EQ(infer(SoftmaxGrad{}, "f32[N,10], f32[N,10]"), "f32[N,10]");
  EXPECT_EQ(infer(SoftmaxGrad{}, "f32[N,10], f32[N,9]"),
            "[softmax_grad] softmax_grad: expected inputs 0 and 1 of one type, got f32[N,10], "
            "f32[N,9]");
  EXPECT_EQ(infer(SoftmaxGrad{}, "f32[10], f32[10]"),
            "[softmax_grad] softmax_grad: expected dy of shape [N,..,K], got f32[10], f32[10]");
}

TEST(SoftmaxGradient, reads_the_output) {
  EXPECT_EQ(differentiate(R"(graph g
%z = input {type f32[N,10]} : f32[N,10]
%y = softmax %z : f32[N,10]
%loss = mean %y : f32[]
)",
                          {"z"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,10]
%y/grad = softmax_grad %loss/grad, %y : f32[N,10]
-> %y/grad
)");
}

TEST(SoftmaxCrossEntropyShape, gives_losses_hits_and_the_gradient) {
  EXPECT_EQ(infer(SoftmaxCrossEntropy{}, "f32[N,10], i32[N]"), "f32[N], i32[N], f32[N,10]");
}

TEST(SoftmaxCrossEntropyShape, wants_one_label_a_sample) {
  const std::string start = "[softmax_cross_entropy] softmax_cross_entropy: expected input 1 of ";
  EXPECT_EQ(infer(SoftmaxCrossEntropy{}, "f32[N,10], i64[N]"),
            start + "type i32[N] or f32[N,10], got f32[N,10], i64[N]");
  EXPECT_EQ(infer(SoftmaxCrossEntropy{}, "f32[4,10], i32[N]"),
            start + "type i32[4] or f32[4,10], got f32[4,10], i32[N]");
}

TEST(SoftmaxCrossEntropyShape, takes_targets_of_the_logits_type) {
  EXPECT_EQ(infer(SoftmaxCrossEntropy{}, "f32[N,10], f32[N,10]"), "f32[N], i32[N], f32[N,10]");
  EXPECT_EQ(infer(SoftmaxCrossEntropy{}, "f64[N,10], f32[N,10]"),
            "[softmax_cross_entropy] softmax_cross_entropy: expected input 1 of type i32[N] or "
            "f64[N,10], got f64[N,10], f32[N,10]");
}

constexpr std::string_view kLossGraph = R"(graph g
%z = input {type f32[N,10]} : f32[N,10]
%labels = input {type i32[N]} : i32[N]
%ce, %ce.1, %ce.2 = softmax_cross_entropy %z, %labels : f32[N], i32[N], f32[N,10]
)";

TEST(SoftmaxCrossEntropyGradient, scales_what_fell_out_on_the_way) {
  EXPECT_EQ(differentiate(std::string(kLossGraph) + "%loss = mean %ce : f32[]\n", {"z"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %ce : f32[N]
%ce/grad = scale_axis %ce.2, %loss/grad {axis 0} : f32[N,10]
-> %ce/grad
)");
}

TEST(SoftmaxCrossEntropyGradient, is_not_differentiated_again) {
  EXPECT_EQ(differentiate(std::string(kLossGraph) + "%loss = mean %ce.2 : f32[]\n", {"z"}),
            "[ce] softmax_cross_entropy: a second derivative is not supported");
}

}  // namespace
}  // namespace evenkeel::test
