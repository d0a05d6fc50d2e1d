// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/avg_pool2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(AvgPool2dShape, gives_one_mean_a_window) {
  EXPECT_EQ(infer(AvgPool2d{}, "f32[N,28,28,32]"), "f32[N,14,14,32]");
  EXPECT_EQ(infer(AvgPool2d{{3, 3}, {2, 2}, {1, 1, 1, 0}, true}, "f64[3,7,7,2]"), "f64[3,4,3,2]");
  EXPECT_EQ(infer(AvgPool2d{{1, 1}, {2, 3}}, "f32[N,7,7,5]"), "f32[N,4,3,5]");
}

TEST(AvgPool2dShape, refuses_what_is_no_image_and_windows_of_padding_only) {
  EXPECT_EQ(infer(AvgPool2d{}, "f32[N,28]"),
            "[avg_pool2d] avg_pool2d: expected input 0 of rank 4, got f32[N,28]");
  EXPECT_EQ(infer(AvgPool2d{}, "f32[N,1,4,1]"),
            "[avg_pool2d] avg_pool2d: expected an image that with its padding is no smaller than "
            "the window [2,2], got f32[N,1,4,1]");
  EXPECT_EQ(infer(AvgPool2d{{2, 2}, {1, 1}, {2, 0, 0, 0}, true}, "f32[N,4,4,1]"),
            "[avg_pool2d] avg_pool2d: expected each window [2,2] to meet the image, not only its "
            "padding, got f32[N,4,4,1]");
}

TEST(AvgPool2dGradShape, is_the_image_of_the_given_size) {
  const AvgPool2dGrad grad = {{2, 2}, {2, 2}, {}, {7, 6}};
  EXPECT_EQ(infer(grad, "f32[N,3,3,2]"), "f32[N,7,6,2]");
  EXPECT_EQ(infer(grad, "f32[N,3,2,2]"),
            "[avg_pool2d_grad] avg_pool2d_grad: expected an output gradient with P, Q = [3,3], got "
            "f32[N,3,2,2]");
  EXPECT_EQ(infer(AvgPool2dGrad{}, "f32[N,3,3,2]"),
            "[avg_pool2d_grad] avg_pool2d_grad: expected an image of at least 1x1, not [0,0], got "
            "f32[N,3,3,2]");
}

std::string gradient_of(const std::string& counted) {
  return differentiate(
      "graph g\n%x = input {type f32[N,5,4,2]} : f32[N,5,4,2]\n%p = avg_pool2d %x"
      " {padding [1,0,0,1]" +
          counted + "} : f32[N,3,2,2]\n%loss = mean %p : f32[]\n",
      {"x"});
}

TEST(AvgPool2dGradient, shares_out_by_the_same_windows) {
  EXPECT_EQ(gradient_of(""), R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %p : f32[N,3,2,2]
%p/grad = avg_pool2d_grad %loss/grad {window [2,2], stride [2,2], padding [1,0,0,1], size [5,4]} : f32[N,5,4,2]
-> %p/grad
)");
  EXPECT_NE(gradient_of(", count_padding true").find("size [5,4], count_padding true}"),
            std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
