// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/conv2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(Conv2dShape, keeps_the_batch_and_follows_stride_and_padding) {
  EXPECT_EQ(infer(Conv2d{{1, 1}, {2, 2, 2, 2}}, "f32[N,28,28,1], f32[5,5,1,32]"),
            "f32[N,28,28,32]");
  EXPECT_EQ(infer(Conv2d{}, "f64[7,5,6,3], f64[5,2,3,4]"), "f64[7,1,5,4]");
  EXPECT_EQ(infer(Conv2d{{2, 3}, {0, 1, 1, 0}}, "f32[N,9,10,3], f32[3,2,3,7]"), "f32[N,4,4,7]");
}

TEST(Conv2dShape, refuses_what_does_not_fit_together) {
  EXPECT_EQ(infer(Conv2d{}, "f32[N,28,28,1]"),
            "[conv2d] conv2d: expected 2 inputs, got f32[N,28,28,1]");
  EXPECT_EQ(infer(Conv2d{}, "f32[N,784], f32[5,5,1,32]"),
            "[conv2d] conv2d: expected input 0 of rank 4, got f32[N,784], f32[5,5,1,32]");
  EXPECT_EQ(infer(Conv2d{}, "u8[N,28,28,1], f32[5,5,1,32]"),
            "[conv2d] conv2d: expected input 0 of dtype f32 or f64, got u8[N,28,28,1], "
            "f32[5,5,1,32]");
  EXPECT_EQ(infer(Conv2d{}, "f32[N,28,28,3], f32[5,5,1,32]"),
            "[conv2d] conv2d: expected a kernel [R,S,C,K] for C = 3 channels, got f32[N,28,28,3], "
            "f32[5,5,1,32]");
  EXPECT_EQ(infer(Conv2d{}, "f32[N,28,28,1], f64[5,5,1,32]"),
            "[conv2d] conv2d: expected image and kernel of one dtype, got f32[N,28,28,1], "
            "f64[5,5,1,32]");
  EXPECT_EQ(infer(Conv2d{{1, 1}, {0, 0, 1, 0}}, "f32[N,3,3,1], f32[4,4,1,2]"),
            "[conv2d] conv2d: expected an image that with its padding is no smaller than the "
            "window [4,4], got f32[N,3,3,1], f32[4,4,1,2]");
  EXPECT_EQ(infer(Conv2d{}, "f32[N,8,8,5], f32[N,3,5,2]"),
            "[conv2d] conv2d: expected a kernel [R,S,C,K] of known size, got f32[N,8,8,5], "
            "f32[N,3,5,2]");
}

TEST(Conv2dShape, refuses_attributes_without_sense) {
  EXPECT_EQ(infer(Conv2d{{0, 1}}, "f32[N,8,8,1], f32[3,3,1,2]"),
            "[conv2d] conv2d: expected a stride of at least 1, not [0,1], got f32[N,8,8,1], "
            "f32[3,3,1,2]");
  EXPECT_EQ(infer(Conv2d{{1, 1}, {0, 0, 0, -1}}, "f32[N,8,8,1], f32[3,3,1,2]"),
            "[conv2d] conv2d: expected padding of at least 0, not [0,0][0,-1], got f32[N,8,8,1], "
            "f32[3,3,1,2]");
  const std::int64_t huge = INT64_MAX;
  EXPECT_NE(infer(Conv2d{{1, 1}, {huge, huge, 0, 0}}, "f32[N,8,8,1], f32[3,3,1,2]")
                .find("expected padding"),
            std::string::npos);
}

TEST(Conv2dGradDataShape, is_the_image_of_the_given_size) {
  // 9 and 10 both give 4 positions at stride 2: only `size` tells them apart.
  EXPECT_EQ(infer(Conv2dGradData{{2, 2}, {0, 0, 0, 0}, {9, 10}}, "f32[N,4,4,7], f32[3,3,5,7]"),
            "f32[N,9,10,5]");
  EXPECT_EQ(infer(Conv2dGradData{{2, 2}, {0, 0, 0, 0}, {11, 10}}, "f32[N,4,4,7], f32[3,3,5,7]"),
            "[conv2d_grad_data] conv2d_grad_data: expected an output gradient with P, Q = [5,4], "
            "got f32[N,4,4,7], f32[3,3,5,7]");
  EXPECT_EQ(infer(Conv2dGradData{{2, 2}, {0, 0, 0, 0}, {9, 9}}, "f32[N,4,4,7], f32[3,3,5,6]"),
            "[conv2d_grad_data] conv2d_grad_data: expected a kernel [R,S,C,K] with K = 7, got "
            "f32[N,4,4,7], f32[3,3,5,6]");
}

TEST(Conv2dGradKernelShape, is_the_kernel_of_the_given_size) {
  EXPECT_EQ(infer(Conv2dGradKernel{{2, 2}, {0, 0, 0, 0}, {3, 2}}, "f32[N,9,9,5], f32[N,4,4,7]"),
            "f32[3,2,5,7]");
  EXPECT_EQ(infer(Conv2dGradKernel{{1, 1}, {0, 0, 0, 0}, {3, 3}}, "f32[N,9,9,5], f32[8,7,7,7]"),
            "[conv2d_grad_kernel] conv2d_grad_kernel: expected image and output gradient of one "
            "batch size, got f32[N,9,9,5], f32[8,7,7,7]");
  EXPECT_EQ(infer(Conv2dGradKernel{{1, 1}, {0, 0, 0, 0}, {0, 3}}, "f32[N,9,9,5], f32[N,7,7,7]"),
            "[conv2d_grad_kernel] conv2d_grad_kernel: expected a window of at least 1x1, not "
            "[0,3], got f32[N,9,9,5], f32[N,7,7,7]");
}

TEST(Conv2dShape, follows_dilation_and_groups) {
  Conv2d op;
  op.dilation = {2, 3};
  EXPECT_EQ(infer(op, "f32[N,9,9,2], f32[3,2,2,5]"), "f32[N,5,6,5]");
  op.groups = 2;
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,2,2,6]"), "f32[N,5,6,6]");
  op.groups = 4;
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,2,1,4]"), "f32[N,5,6,4]");
}

TEST(Conv2dShape, refuses_groups_and_dilation_that_do_not_fit) {
  Conv2d op;
  op.groups = 2;
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,3,4,6]"),
            "[conv2d] conv2d: expected a kernel [R,S,C,K] for C = 4 channels in 2 groups, got "
            "f32[N,9,9,4], f32[3,3,4,6]");
  op.groups = 3;
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,3,1,6]"),
            "[conv2d] conv2d: expected groups that divide C = 4 and K = 6, not 3, got "
            "f32[N,9,9,4], f32[3,3,1,6]");
  op.groups = 0;
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,3,1,6]"),
            "[conv2d] conv2d: expected groups that divide C = 4 and K = 6, not 0, got "
            "f32[N,9,9,4], f32[3,3,1,6]");
  op = {};
  op.dilation = {0, 1};
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,3,4,6]"),
            "[conv2d] conv2d: expected a dilation of at least 1, not [0,1], got f32[N,9,9,4], "
            "f32[3,3,4,6]");
  op.dilation = {1, 5};
  EXPECT_EQ(infer(op, "f32[N,9,9,4], f32[3,3,4,6]"),
            "[conv2d] conv2d: expected an image that with its padding is no smaller than the "
            "window [3,11], got f32[N,9,9,4], f32[3,3,4,6]");
  op.dilation = {1, INT64_MAX};
  EXPECT_NE(infer(op, "f32[N,9,9,4], f32[3,3,4,6]").find("expected a dilation"), std::string::npos);
}

TEST(Conv2dGradShape, follows_dilation_and_groups) {
  const Pair two = {2, 2};
  EXPECT_EQ(infer(Conv2dGradData{{1, 1}, {}, {9, 9}, two, 3}, "f32[N,5,5,6], f32[3,3,2,6]"),
            "f32[N,9,9,6]");
  EXPECT_EQ(infer(Conv2dGradKernel{{1, 1}, {}, {3, 3}, two, 3}, "f32[N,9,9,6], f32[N,5,5,6]"),
            "f32[3,3,2,6]");
  EXPECT_EQ(infer(Conv2dGradData{{1, 1}, {}, {9, 9}, two, 4}, "f32[N,5,5,6], f32[3,3,2,6]"),
            "[conv2d_grad_data] conv2d_grad_data: expected groups that divide K = 6, not 4, got "
            "f32[N,5,5,6], f32[3,3,2,6]");
  EXPECT_EQ(infer(Conv2dGradData{{1, 1}, {}, {9, 9}, two, INT64_MAX}, "f32[N,5,5,6], f32[3,3,2,6]"),
            "[conv2d_grad_data] conv2d_grad_data: expected groups that divide K = 6, not "
            "9223372036854775807, got f32[N,5,5,6], f32[3,3,2,6]");
  EXPECT_EQ(infer(Conv2dGradKernel{{1, 1}, {}, {3, 3}, two, 4}, "f32[N,9,9,6], f32[N,5,5,6]"),
            "[conv2d_grad_kernel] conv2d_grad_kernel: expected groups that divide C = 6 and K = 6, "
            "not 4, got f32[N,9,9,6], f32[N,5,5,6]");
}

constexpr std::string_view kConvGraph = R"(graph g
%x = input {type f32[N,9,9,2]} : f32[N,9,9,2]
@W = state {type f32[3,3,2,4]} : f32[3,3,2,4]
%c = conv2d %x, @W {stride [2,2], padding [1,0,0,1]} : f32[N,4,4,4]
%loss = mean %c : f32[]
)";

TEST(Conv2dGradient, goes_to_image_and_kernel) {
  EXPECT_EQ(differentiate(kConvGraph, {"x", "W"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %c : f32[N,4,4,4]
%c/grad_data = conv2d_grad_data %loss/grad, @W {stride [2,2], padding [1,0,0,1], size [9,9]} : f32[N,9,9,2]
%c/grad_kernel = conv2d_grad_kernel %x, %loss/grad {stride [2,2], padding [1,0,0,1], kernel [3,3]} : f32[3,3,2,4]
-> %c/grad_data %c/grad_kernel
)");
}

TEST(Conv2dGradient, keeps_dilation_and_groups) {
  EXPECT_EQ(differentiate(R"(graph g
%x = input {type f32[N,9,9,2]} : f32[N,9,9,2]
@W = state {type f32[3,3,1,4]} : f32[3,3,1,4]
%c = conv2d %x, @W {dilation [2,1], groups 2} : f32[N,5,7,4]
%loss = mean %c : f32[]
)",
                          {"x", "W"}),
            R"(%loss/grad_seed = constant {type f32[], value 1} : f32[]
%loss/grad = mean_grad %loss/grad_seed, %c : f32[N,5,7,4]
%c/grad_data = conv2d_grad_data %loss/grad, @W {stride [1,1], padding [0,0,0,0], size [9,9], dilation [2,1], groups 2} : f32[N,9,9,2]
%c/grad_kernel = conv2d_grad_kernel %x, %loss/grad {stride [1,1], padding [0,0,0,0], kernel [3,3], dilation [2,1], groups 2} : f32[3,3,1,4]
-> %c/grad_data %c/grad_kernel
)");
}

TEST(Conv2dGradient, builds_only_what_is_wanted) {
  EXPECT_EQ(differentiate(kConvGraph, {"W"}).find("grad_data"), std::string::npos);
  EXPECT_EQ(differentiate(kConvGraph, {"x"}).find("grad_kernel"), std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
