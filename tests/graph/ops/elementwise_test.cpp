// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/elementwise.h"

#include <gtest/gtest.h>

#include <limits>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ScaleShape, changes_the_dtype_only) {
  EXPECT_EQ(infer(Scale{1 / 255.0, DType::f32}, "u8[N,28,28,1]"), "f32[N,28,28,1]");
  EXPECT_EQ(infer(Scale{2, DType::f64}, "f32[]"), "f64[]");
}

TEST(ScaleShape, refuses_what_it_cannot_compute) {
  EXPECT_EQ(infer(Scale{}, "i32[N]"),
            "[scale] scale: expected input 0 of dtype f32 or f64, got i32[N]");
  EXPECT_EQ(infer(Scale{1, DType::u8}, "f32[N]"),
            "[scale] scale: expected attribute dtype f32 or f64, got f32[N]");
  EXPECT_EQ(infer(Scale{std::numeric_limits<double>::infinity()}, "f32[N]"),
            "[scale] scale: expected a finite factor, not inf, got f32[N]");
}

TEST(AddShape, wants_one_type) {
  EXPECT_EQ(infer(Add{}, "f32[N,3], f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(Add{}, "f32[N,3], f32[3]"),
            "[add] add: expected inputs 0 and 1 of one type, got f32[N,3], f32[3]");
  EXPECT_EQ(infer(Add{}, "f32[3], f64[3]"),
            "[add] add: expected inputs 0 and 1 of one type, got f32[3], f64[3]");
}

TEST(ScaleAxisShape, wants_one_factor_an_index_or_one_for_all) {
  EXPECT_EQ(infer(ScaleAxis{0}, "f32[N,10], f32[N]"), "f32[N,10]");
  EXPECT_EQ(infer(ScaleAxis{-1}, "f32[N,10], f32[10]"), "f32[N,10]");
  EXPECT_EQ(infer(ScaleAxis{-1}, "f32[N,10], f32[]"), "f32[N,10]");
  EXPECT_EQ(infer(ScaleAxis{0}, "f32[N,10], f32[10]"),
            "[scale_axis] scale_axis: expected input 1 of type f32[N], got f32[N,10], f32[10]");
  EXPECT_EQ(infer(ScaleAxis{1}, "f32[N,10], f32[10]"),
            "[scale_axis] scale_axis: expected axis 0 or -1, not 1, got f32[N,10], f32[10]");
  EXPECT_EQ(infer(ScaleAxis{0}, "f32[], f32[]"),
            "[scale_axis] scale_axis: expected x of rank 1 or more, got f32[], f32[]");
}

TEST(MultiplyShape, wants_one_type) {
  EXPECT_EQ(infer(Multiply{}, "f32[N,3], f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(Multiply{}, "f32[N,3], f32[3]"),
            "[multiply] multiply: expected inputs 0 and 1 of one type, got f32[N,3], f32[3]");
}

TEST(DivideShape, wants_one_type) {
  EXPECT_EQ(infer(Divide{}, "f32[N,3], f32[N,3]"), "f32[N,3]");
  EXPECT_EQ(infer(Divide{}, "f32[N,3], f32[]"),
            "[divide] divide: expected inputs 0 and 1 of one type, got f32[N,3], f32[]");
}

TEST(DifferenceShape, takes_either_float_and_gives_its_own) {
  EXPECT_EQ(infer(Difference{}, "f64[3], f32[3]"), "f32[3]");
  EXPECT_EQ(infer(Difference{DType::f64}, "f32[N,3], f32[N,3]"), "f64[N,3]");
  EXPECT_EQ(infer(Difference{}, "f64[3], f32[4]"),
            "[difference] difference: expected input 1 of type f32[3], got f64[3], f32[4]");
}

TEST(ClampShape, wants_two_numbers) {
  EXPECT_EQ(infer(Clamp{}, "f32[N,3], f32[], f32[]"), "f32[N,3]");
  EXPECT_EQ(infer(Clamp{}, "f32[N,3], f32[], f64[]"),
            "[clamp] clamp: expected input 2 of type f32[], got f32[N,3], f32[], f64[]");
}

TEST(StopGradientShape, is_its_inputs) { EXPECT_EQ(infer(StopGradient{}, "f64[N,3]"), "f64[N,3]"); }

TEST(IncrementShape, counts_in_i64) {
  EXPECT_EQ(infer(Increment{}, "i64[]"), "i64[]");
  EXPECT_EQ(infer(Increment{}, "i32[]"),
            "[increment] increment: expected input 0 of type i64[], got i32[]");
}

TEST(ScaleGradient, returns_to_the_inputs_dtype) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[2]} : f32[2]
%y = scale %x {factor 0.5, dtype f64} : f64[2]
%loss = mean %y : f64[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f64[], value 1} : f64[]
%loss/grad = mean_grad %loss/grad_seed, %y : f64[2]
%y/grad = scale %loss/grad {factor 0.5, dtype f32} : f32[2]
-> %y/grad
)");
}

TEST(AddGradient, goes_to_both_sides_and_adds_up_where_they_are_one) {
  EXPECT_EQ(differentiate(R"(graph g
%a = input {type f32[2]} : f32[2]
%b = input {type f32[2]} : f32[2]
%s = add %a, %b : f32[2]
%t = add %s, %a : f32[2]
%loss = mean %t : f32[]
)",
                          {"a", "b"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %t : f32[2]
%a/grad_sum = add %loss/grad, %loss/grad : f32[2]
-> %a/grad_sum %loss/grad
)");
}

TEST(MultiplyGradient, is_each_side_times_the_other) {
  constexpr std::string_view graph = R"(graph g
%a = input {type f32[2]} : f32[2]
%b = input {type f32[2]} : f32[2]
%y = multiply %a, %b : f32[2]
%loss = mean %y : f32[]
)";
  EXPECT_EQ(differentiate(graph, {"a", "b"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[2]
%y/grad_a = multiply %loss/grad, %b : f32[2]
%y/grad_b = multiply %loss/grad, %a : f32[2]
-> %y/grad_a %y/grad_b
)");
  EXPECT_EQ(differentiate(graph, {"a"}).find("grad_b"), std::string::npos);
}

TEST(ScaleAxisGradient, goes_to_what_is_scaled_and_to_the_factors_of_channels) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%v = input {type f32[3]} : f32[3]
%y = scale_axis %x, %v {axis -1} : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"x", "v"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3]
%y/grad = scale_axis %loss/grad, %v {axis -1} : f32[N,3]
%y/grad_product = multiply %loss/grad, %x : f32[N,3]
%y/grad_factors = bias_grad %y/grad_product : f32[3]
-> %y/grad %y/grad_factors
)");
}

TEST(ScaleAxisGradient, refuses_factors_of_samples) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,3]} : f32[N,3]
%v = input {type f32[N]} : f32[N]
%y = scale_axis %x, %v {axis 0} : f32[N,3]
%loss = mean %y : f32[]
)",
                          {"v"}),
            "[y] scale_axis: has a gradient by its factors along the last axis alone");
}

}  // namespace
}  // namespace evenkeel::test
