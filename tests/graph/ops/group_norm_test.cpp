// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/group_norm.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(GroupNormShape, KeepsXAndWantsOneValueAChannel) {
  EXPECT_EQ(infer(GroupNorm{3}, "f32[N,4,4,6], f32[6], f32[6]"), "f32[N,4,4,6]");
  EXPECT_EQ(infer(GroupNorm{2}, "f64[7,6], f64[6], f64[6]"), "f64[7,6]");
  EXPECT_EQ(infer(GroupNorm{}, "f32[N,6], f32[6], f32[5]"),
            "[group_norm] group_norm: expected input 2 of type f32[6], got f32[N,6], f32[6], "
            "f32[5]");
  EXPECT_EQ(infer(GroupNorm{}, "f32[6], f32[6], f32[6]"),
            "[group_norm] group_norm: expected x of shape [N,..,C], rank 2 or more, got f32[6], "
            "f32[6], f32[6]");
  EXPECT_NE(infer(GroupNorm{}, "i32[N,6], f32[6], f32[6]").find("expected"), std::string::npos);
}

TEST(GroupNormShape, RefusesGroupsThatDoNotDivideTheChannels) {
  const std::string types = "f32[N,4,4,6], f32[6], f32[6]";
  EXPECT_EQ(
      infer(GroupNorm{4}, types),
      "[group_norm] group_norm: expected groups that divide the 6 channels, not 4, got " + types);
  for (const std::int64_t groups : {std::int64_t{0}, std::int64_t{-2}, std::int64_t{12},
                                    std::numeric_limits<std::int64_t>::min()})
    EXPECT_NE(infer(GroupNorm{groups}, types).find("expected groups"), std::string::npos);
}

TEST(GroupNormShape, RefusesGroupsOfASingleValue) {
  EXPECT_EQ(infer(GroupNorm{6}, "f32[N,6], f32[6], f32[6]"),
            "[group_norm] group_norm: expected groups of two values or more, which 6 groups are "
            "not: a single value is its own mean, and y would be beta, got f32[N,6], f32[6], "
            "f32[6]");
  EXPECT_EQ(infer(GroupNorm{6}, "f32[N,2,6], f32[6], f32[6]"), "f32[N,2,6]");
  EXPECT_NE(infer(GroupNormGrad{1}, "f32[N,1,1,1], f32[N,1,1,1], f32[1]").find("two values"),
            std::string::npos);
}

TEST(GroupNormShape, RefusesEpsilonsThatAreNotAboveZero) {
  const std::string types = "f32[N,6], f32[6], f32[6]";
  EXPECT_EQ(infer(GroupNorm{2, 0}, types),
            "[group_norm] group_norm: expected epsilon above 0, not 0.000000, got " + types);
  for (const double epsilon : {-1.0, std::numeric_limits<double>::quiet_NaN()})
    EXPECT_NE(infer(GroupNorm{2, epsilon}, types).find("epsilon"), std::string::npos);
}

TEST(GroupNormShape, OfItsGradientHasSumsOfEachSample) {
  EXPECT_EQ(infer(GroupNormGrad{2}, "f32[N,3,6], f32[N,3,6], f32[6]"),
            "f32[N,3,6], f32[N,6], f32[N,6]");
  EXPECT_NE(infer(GroupNormGrad{2}, "f32[N,3,6], f32[N,6], f32[6]").find("expected"),
            std::string::npos);
}

constexpr std::string_view kGroupNormGraph = R"(graph g
%x = input {type f32[N,4]} : f32[N,4]
@gamma = state {type f32[4]} : f32[4]
@beta = state {type f32[4]} : f32[4]
%y = group_norm %x, @gamma, @beta {groups 2, epsilon 0.01} : f32[N,4]
%loss = mean %y : f32[]
)";

TEST(GroupNormGradient, SumsTheSamplesInOrder) {
  EXPECT_EQ(differentiate(kGroupNormGraph, {"x", "gamma", "beta"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,4]
%y/grad, %y/grad.1, %y/grad.2 = group_norm_grad %loss/grad, %x, @gamma {groups 2, epsilon 0.01} : f32[N,4], f32[N,4], f32[N,4]
%y/grad_gamma = bias_grad %y/grad.2 : f32[4]
%y/grad_beta = bias_grad %y/grad.1 : f32[4]
-> %y/grad %y/grad_gamma %y/grad_beta
)");
}

TEST(GroupNormGradient, OfXAloneSumsNothing) {
  EXPECT_EQ(differentiate(kGroupNormGraph, {"x"}).find("bias_grad"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
