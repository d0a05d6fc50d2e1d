// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/concat.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(ConcatShape, adds_up_along_its_axis) {
  EXPECT_EQ(infer(Concat{}, "f32[N,4,4,3], f32[N,4,4,1]"), "f32[N,4,4,4]");
  EXPECT_EQ(infer(Concat{1}, "f64[N,2,3], f64[N,1,3], f64[N,2,3]"), "f64[N,5,3]");
  EXPECT_EQ(infer(Concat{0}, "f32[2,3], f32[4,3]"), "f32[6,3]");
  EXPECT_EQ(infer(Concat{}, "f32[N,4]"), "f32[N,4]");
}

TEST(ConcatShape, refuses_what_differs_elsewhere) {
  const std::string differ =
      "[concat] concat: expected inputs that differ along axis 3 alone, got ";
  EXPECT_EQ(infer(Concat{}, "f32[N,4,4,3], f32[N,4,5,3]"), differ + "f32[N,4,4,3], f32[N,4,5,3]");
  EXPECT_EQ(infer(Concat{}, "f32[N,4,4,3], f64[N,4,4,3]"), differ + "f32[N,4,4,3], f64[N,4,4,3]");
  EXPECT_EQ(infer(Concat{}, "f32[N,4,4,3], f32[N,3]"), differ + "f32[N,4,4,3], f32[N,3]");
  EXPECT_EQ(infer(Concat{}, "f32[N,4,4,3], f32[2,4,4,3]"), differ + "f32[N,4,4,3], f32[2,4,4,3]");
  EXPECT_EQ(infer(Concat{}, ""), "[concat] concat: expected at least one input, got no inputs");
}

TEST(ConcatShape, refuses_axes_that_are_none_or_the_batchs) {
  EXPECT_EQ(infer(Concat{0}, "f32[N,4], f32[N,4]"),
            "[concat] concat: expected another axis than the batch's, got f32[N,4], f32[N,4]");
  EXPECT_EQ(infer(Concat{}, "f32[N], f32[N]"),
            "[concat] concat: expected another axis than the batch's, got f32[N], f32[N]");
  EXPECT_EQ(infer(Concat{2}, "f32[N,4], f32[N,4]"),
            "[concat] concat: expected an axis from -1 (the last) to 1, not 2, got f32[N,4], "
            "f32[N,4]");
  EXPECT_EQ(infer(Slice{-2, 0, 1}, "f32[N,4]"),
            "[slice] slice: expected an axis from -1 (the last) to 1, not -2, got f32[N,4]");
}

TEST(SliceShape, is_the_part_asked_for) {
  EXPECT_EQ(infer(Slice{-1, 1, 3}, "f32[N,4]"), "f32[N,2]");
  EXPECT_EQ(infer(Slice{1, 0, 4}, "f64[N,4,2]"), "f64[N,4,2]");
  EXPECT_EQ(infer(Slice{-1, 2, 2}, "f32[N,4]"),
            "[slice] slice: expected 0 <= begin < end <= 4, not 2 and 2, got f32[N,4]");
  EXPECT_EQ(infer(Slice{-1, 0, 5}, "f32[N,4]"),
            "[slice] slice: expected 0 <= begin < end <= 4, not 0 and 5, got f32[N,4]");
  EXPECT_EQ(infer(Slice{-1, -1, 2}, "f32[N,4]"),
            "[slice] slice: expected 0 <= begin < end <= 4, not -1 and 2, got f32[N,4]");
}

TEST(ZeroPadShape, grows_by_its_zeros) {
  EXPECT_EQ(infer(ZeroPad{-1, 1, 3}, "f32[N,4]"), "f32[N,8]");
  EXPECT_EQ(infer(ZeroPad{1, 0, 1}, "f32[N,4,2]"), "f32[N,5,2]");
  EXPECT_EQ(infer(ZeroPad{-1, -1, 0}, "f32[N,4]"),
            "[zero_pad] zero_pad: expected padding of at least 0, not -1, got f32[N,4]");
}

TEST(ConcatGradient, cuts_out_what_each_input_became) {
  constexpr std::string_view graph = R"(graph g
%a = input {type f32[N,2]} : f32[N,2]
%b = input {type f32[N,3]} : f32[N,3]
%y = concat %a, %b {axis -1} : f32[N,5]
%loss = mean %y : f32[]
)";
  EXPECT_EQ(differentiate(graph, {"a", "b"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,5]
%y/grad = slice %loss/grad {axis -1, begin 0, end 2} : f32[N,2]
%y/grad_2 = slice %loss/grad {axis -1, begin 2, end 5} : f32[N,3]
-> %y/grad %y/grad_2
)");
  EXPECT_EQ(differentiate(graph, {"b"}).find("begin 0"), std::string::npos);
}

TEST(SliceGradient, puts_zeros_around_and_zero_pad_cuts_them_off) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,5]} : f32[N,5]
%s = slice %x {axis 1, begin 1, end 3} : f32[N,2]
%z = zero_pad %s {axis -1, before 4, after 0} : f32[N,6]
%loss = mean %z : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %z : f32[N,6]
%z/grad = slice %loss/grad {axis -1, begin 4, end 6} : f32[N,2]
%s/grad = zero_pad %z/grad {axis 1, before 1, after 2} : f32[N,5]
-> %s/grad
)");
}

}  // namespace
}  // namespace evenkeel::test
