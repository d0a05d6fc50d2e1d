// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/unpooled_conv2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(UnpooledConv2dGradKernelShape, is_the_kernels) {
  UnpooledConv2dGradKernel op = {{1, 1}, {2, 2, 2, 2}, {5, 5}};
  op.size = {28, 28};
  EXPECT_EQ(infer(op, "f32[N,28,28,1], f32[N,14,14,32], u8[N,14,14,32]"), "f32[5,5,1,32]");
  op.window = {3, 3};
  op.window_padding = {1, 0, 1, 0};
  EXPECT_EQ(infer(op, "f64[2,28,28,3], f64[2,14,14,4], u8[2,14,14,4]"), "f64[5,5,3,4]");
}

TEST(UnpooledConv2dGradKernelShape, names_the_part_that_does_not_fit) {
  UnpooledConv2dGradKernel op = {{1, 1}, {0, 0, 0, 0}, {5, 5}};
  op.size = {24, 24};
  EXPECT_NE(infer(op, "f32[N,28,28,1], f32[N,14,14,32], u8[N,14,14,32]").find("max_pool2d_grad"),
            std::string::npos);
  EXPECT_NE(infer(op, "f32[N,27,28,1], f32[N,12,12,32], u8[N,12,12,32]").find("conv2d_grad_kernel"),
            std::string::npos);
  EXPECT_NE(infer(op, "f32[N,28,28,1], f32[N,12,12,32], u8[N,12,12,31]").find("u8[N,12,12,32]"),
            std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
