// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/transpose.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(TransposeShape, puts_extents_in_the_order_of_axes) {
  EXPECT_EQ(infer(Transpose{{0, 2, 3, 1}}, "f32[N,4,5,6]"), "f32[N,5,6,4]");
  EXPECT_EQ(infer(Transpose{{0, 2, 1}}, "f64[3,4,5]"), "f64[3,5,4]");
  EXPECT_EQ(infer(Transpose{{0}}, "u8[N]"), "u8[N]");
}

TEST(TransposeShape, refuses_axes_that_are_no_order) {
  EXPECT_EQ(infer(Transpose{{0, 1}}, "f32[N,4,5]"),
            "[transpose] transpose: expected as many axes as x has, got f32[N,4,5]");
  EXPECT_EQ(infer(Transpose{{1, 0}}, "f32[N,4]"),
            "[transpose] transpose: expected axis 0 in front: the batch stays where it is, got "
            "f32[N,4]");
  EXPECT_EQ(infer(Transpose{{0, 3, 1}}, "f32[N,4,5]"),
            "[transpose] transpose: expected axes from 0 to 2, not 3, got f32[N,4,5]");
  EXPECT_EQ(infer(Transpose{{0, -1}}, "f32[N,4]"),
            "[transpose] transpose: expected axes from 0 to 1, not -1, got f32[N,4]");
  EXPECT_EQ(infer(Transpose{{0, 1, 1}}, "f32[N,4,5]"),
            "[transpose] transpose: expected each axis once, not 1 twice, got f32[N,4,5]");
  EXPECT_EQ(infer(Transpose{}, "f32[]"),
            "[transpose] transpose: expected as many axes as x has, got f32[]");
}

TEST(TransposeGradient, puts_the_axes_back) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,2,3,4]} : f32[N,2,3,4]
%y = transpose %x {axes [0, 2, 3, 1]} : f32[N,3,4,2]
%loss = mean %y : f32[]
)",
                          {"x"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %y : f32[N,3,4,2]
%y/grad = transpose %loss/grad {axes [0, 3, 1, 2]} : f32[N,2,3,4]
-> %y/grad
)");
}

TEST(TransposeAxes, CompositionAndInverse) {
  const std::vector<std::int64_t> a = {0, 2, 3, 1};
  EXPECT_EQ(inverse_axes(a), (std::vector<std::int64_t>{0, 3, 1, 2}));
  EXPECT_TRUE(identity_axes(composed_axes(a, inverse_axes(a))));
  EXPECT_EQ(composed_axes(a, a), (std::vector<std::int64_t>{0, 3, 1, 2}));
  EXPECT_FALSE(identity_axes(a));
}

}  // namespace
}  // namespace evenkeel::test
