// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/layer_norm.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(LayerNormShape, KeepsXAndWantsOneValueAChannel) {
  EXPECT_EQ(infer(LayerNorm{}, "f32[N,4,4,6], f32[6], f32[6]"), "f32[N,4,4,6]");
  EXPECT_EQ(infer(LayerNorm{}, "f64[7,6], f64[6], f64[6]"), "f64[7,6]");
  EXPECT_EQ(infer(LayerNorm{}, "f32[N,6], f32[5], f32[6]"),
            "[layer_norm] layer_norm: expected input 1 of type f32[6], got f32[N,6], f32[5], "
            "f32[6]");
  EXPECT_EQ(infer(LayerNorm{}, "f32[6], f32[6], f32[6]"),
            "[layer_norm] layer_norm: expected x of shape [N,..,C], rank 2 or more, got f32[6], "
            "f32[6], f32[6]");
}

TEST(LayerNormShape, RefusesASingleChannel) {
  EXPECT_EQ(infer(LayerNorm{}, "f32[N,5,5,1], f32[1], f32[1]"),
            "[layer_norm] layer_norm: expected two channels or more: a single value is its own "
            "mean, and y would be beta, got f32[N,5,5,1], f32[1], f32[1]");
  EXPECT_NE(infer(LayerNormGrad{}, "f32[N,1], f32[N,1], f32[1]").find("two channels"),
            std::string::npos);
}

TEST(LayerNormShape, RefusesEpsilonsThatAreNotAboveZero) {
  for (const double epsilon : {0.0, -1.0, std::numeric_limits<double>::infinity()})
    EXPECT_NE(infer(LayerNorm{epsilon}, "f32[N,6], f32[6], f32[6]").find("epsilon above 0"),
              std::string::npos);
}

TEST(LayerNormShape, OfItsGradientHasSumsOfEachSample) {
  EXPECT_EQ(infer(LayerNormGrad{}, "f32[N,3,6], f32[N,3,6], f32[6]"),
            "f32[N,3,6], f32[N,6], f32[N,6]");
  EXPECT_NE(infer(LayerNormGrad{}, "f32[N,3,6], f32[N,6], f32[6]").find("expected"),
            std::string::npos);
}

TEST(LayerNormGradient, SumsTheSamplesInOrder) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,4]} : f32[N,4]
@gamma = state {type f32[4]} : f32[4]
@beta = state {type f32[4]} : f32[4]
%y = layer_norm %x, @gamma, @beta : f32[N,4]
%loss = mean %y : f32[]
)",
                          {"x", "gamma", "beta"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,4]
%y/grad, %y/grad.1, %y/grad.2 = layer_norm_grad %loss/grad, %x, @gamma {epsilon 1e-05} : f32[N,4], f32[N,4], f32[N,4]
%y/grad_gamma = bias_grad %y/grad.2 : f32[4]
%y/grad_beta = bias_grad %y/grad.1 : f32[4]
-> %y/grad %y/grad_gamma %y/grad_beta
)");
}

}  // namespace
}  // namespace evenkeel::test
