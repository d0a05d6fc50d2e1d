// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/batch_norm.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(BatchNormShape, keeps_x_and_wants_one_value_a_channel) {
  EXPECT_EQ(infer(BatchNorm{}, "f32[N,4,4,3], f32[3], f32[3], f32[3], f32[3], i64[]"),
            "f32[N,4,4,3]");
  EXPECT_EQ(infer(BatchNorm{}, "f32[N,3], f32[3], f32[3], f32[4], f32[3], i64[]"),
            "[batch_norm] batch_norm: expected input 3 of type f32[3], got f32[N,3], f32[3], "
            "f32[3], f32[4], f32[3], i64[]");
  EXPECT_EQ(infer(BatchNorm{}, "f32[3], f32[3], f32[3], f32[3], f32[3], i64[]"),
            "[batch_norm] batch_norm: expected x of shape [..,C], rank 2 or more, got f32[3], "
            "f32[3], f32[3], f32[3], f32[3], i64[]");
}

TEST(BatchNormShape, refuses_settings_that_confuse_keep_and_take) {
  const std::string types = "f32[N,3], f32[3], f32[3], f32[3], f32[3], i64[]";
  EXPECT_EQ(infer(BatchNorm{1e-3, 1.0, true}, types), "f32[N,3]") << "the mean over all updates";
  EXPECT_EQ(infer(BatchNorm{1e-3, 1.0, false}, types),
            "[batch_norm] batch_norm: expected keep between 0 and 1, both excluded, not 1.000000, "
            "got " +
                types);
  EXPECT_NE(infer(BatchNorm{1e-3, 0.0}, types).find("expected keep"), std::string::npos);
  EXPECT_EQ(infer(BatchNorm{0}, types),
            "[batch_norm] batch_norm: expected epsilon above 0, not 0.000000, got " + types);
  EXPECT_NE(infer(BatchNorm{std::numeric_limits<double>::quiet_NaN()}, types).find("epsilon"),
            std::string::npos);
}

TEST(BatchNormShape, of_its_parts) {
  EXPECT_EQ(infer(ChannelMoments{}, "f32[N,4,4,3]"), "f64[3], f64[3], f64[3]");
  EXPECT_EQ(infer(MergeMoments{}, "f64[3], f64[3], f64[3], f64[3], f64[3], f64[3]"),
            "f64[3], f64[3], f64[3]");
  EXPECT_EQ(infer(BatchNormApply{}, "f32[N,3], f64[3], f64[3], f64[3], f32[3], f32[3]"),
            "f32[N,3]");
  EXPECT_EQ(infer(ChannelAffine{}, "f32[N,3], f32[3], f32[3], f32[3]"), "f32[N,3]");
  EXPECT_EQ(infer(BatchNormGradSums{}, "f32[N,3], f32[N,3], f64[3], f64[3], f64[3]"),
            "f32[3], f32[3]");
  EXPECT_EQ(infer(BatchNormGradApply{},
                  "f32[N,3], f32[N,3], f64[3], f64[3], f64[3], f32[3], f32[3], f32[3]"),
            "f32[N,3]");
  EXPECT_EQ(infer(UpdateMoving{}, "f32[3], f32[3], i64[], f64[3], f64[3], f64[3]"),
            "f32[3], f32[3]");
}

TEST(BatchNormShape, of_rectified_gradients) {
  const std::string sums = "f32[N,3], f32[N,3], f64[3], f64[3], f64[3]";
  const BatchNormGradSums op = {1e-3, false, true};
  EXPECT_EQ(infer(op, sums + ", f32[3], f32[3]"), "f32[3], f32[3]");
  EXPECT_EQ(infer(op, sums),
            "[batch_norm_grad_sums] batch_norm_grad_sums: expected 7 inputs, got " + sums);
  const std::string own = sums + ", f32[3], f32[3], f32[3]";
  EXPECT_EQ(infer(BatchNormGradApply{1e-3, true}, own + ", f32[3]"), "f32[N,3]");
  EXPECT_EQ(infer(BatchNormGradApply{1e-3, true}, own + ", f32[4]"),
            "[batch_norm_grad_apply] batch_norm_grad_apply: expected input 8 of type f32[3], got " +
                own + ", f32[4]");
}

TEST(BatchNormShape, has_moments_in_double_whatever_x_is) {
  EXPECT_EQ(infer(ChannelMoments{}, "f64[N,3]"), "f64[3], f64[3], f64[3]");
  EXPECT_EQ(infer(BatchNormApply{}, "f32[N,3], f64[3], f32[3], f64[3], f32[3], f32[3]"),
            "[batch_norm_apply] batch_norm_apply: expected input 2 of type f64[3], got f32[N,3], "
            "f64[3], f32[3], f64[3], f32[3], f32[3]");
}

TEST(BatchNormShape, counts_in_double) {
  EXPECT_EQ(infer(UpdateMoving{}, "f32[3], f32[3], i64[], f32[3], f32[3], f32[3]"),
            "[update_moving] update_moving: expected input 3 of type f64[3], got f32[3], f32[3], "
            "i64[], f32[3], f32[3], f32[3]");
}

constexpr std::string_view kGraph = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
@gamma = state {type f32[3]} : f32[3]
@beta = state {type f32[3]} : f32[3]
%m, %m.1, %m.2 = channel_moments %x : f64[3], f64[3], f64[3]
%y = batch_norm_apply %x, %m, %m.1, %m.2, @gamma, @beta {epsilon 0.01} : f32[N,3]
%loss = mean %y : f32[]
)";

TEST(BatchNormGradient, is_total_so_that_nothing_flows_through_the_moments) {
  EXPECT_EQ(differentiate(kGraph, {"x", "gamma", "beta"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_sums, %y/grad_sums.1 = batch_norm_grad_sums %loss/grad, %x, %m, %m.1, %m.2 {epsilon 0.01} : f32[3], f32[3]
%y/grad_x = batch_norm_grad_apply %loss/grad, %x, %m, %m.1, %m.2, @gamma, %y/grad_sums, %y/grad_sums.1 {epsilon 0.01} : f32[N,3]
-> %y/grad_x %y/grad_sums.1 %y/grad_sums
)");
}

TEST(BatchNormGradient, of_the_parameters_alone_needs_the_sums_only) {
  EXPECT_EQ(differentiate(kGraph, {"gamma"}).find("grad_apply"), std::string::npos);
}

TEST(BatchNormGradient, wants_a_mode_first) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,1]} : f32[N,1]
@gamma = state {type f32[1]} : f32[1]
@n = state {type i64[]} : i64[]
%y = batch_norm %x, @gamma, @gamma, @gamma, @gamma, @n : f32[N,1]
%loss = mean %y : f32[]
)",
                          {"x"}),
            "[y] batch_norm: has no gradient before it has a mode; call to_training on the graph "
            "first");
}

TEST(ChannelAffineGradient, is_dy_times_scale) {
  constexpr std::string_view graph = R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%centre = input {type f32[3]} : f32[3]
%scale = input {type f32[3]} : f32[3]
%shift = input {type f32[3]} : f32[3]
%y = channel_affine %x, %centre, %scale, %shift : f32[N,3]
%loss = mean %y : f32[]
)";
  EXPECT_EQ(differentiate(graph, {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_x = scale_axis %loss/grad, %scale {axis -1} : f32[N,3]
-> %y/grad_x
)");
  EXPECT_EQ(differentiate(graph, {"scale", "shift"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad_one = constant {type f32[3], value 1} : f32[3]
%y/grad_zero = constant {type f32[3], value 0} : f32[3]
%y/grad_centred = channel_affine %x, %centre, %y/grad_one, %y/grad_zero : f32[N,3]
%y/grad_product = multiply %loss/grad, %y/grad_centred : f32[N,3]
%y/grad_scale = bias_grad %y/grad_product : f32[3]
%y/grad_shift = bias_grad %loss/grad : f32[3]
-> %y/grad_scale %y/grad_shift
)");
}

}  // namespace
}  // namespace evenkeel::test
