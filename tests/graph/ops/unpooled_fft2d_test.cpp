// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/unpooled_fft2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(UnpooledFft2dShape, is_the_maps_spectrum) {
  UnpooledFft2d op = {16, {1, 2}};
  op.map = {15, 14};
  EXPECT_EQ(infer(op, "f32[N,7,7,32], u8[N,7,7,32]"), "f32[N,130,2,32]");
  op.window = op.window_stride = {3, 3};
  EXPECT_EQ(infer(op, "f64[2,5,4,3], u8[2,5,4,3]"), "f64[2,130,2,3]");
}

TEST(UnpooledFft2dShape, names_the_part_that_does_not_fit) {
  UnpooledFft2d op = {16, {0, 0}};
  op.map = {14, 14};
  EXPECT_NE(infer(op, "f32[N,7,6,3], u8[N,7,6,3]").find("max_pool2d_grad"), std::string::npos);
  EXPECT_NE(infer(op, "f32[N,7,7,3], u8[N,7,7,4]").find("u8[N,7,7,3]"), std::string::npos);
  EXPECT_NE(infer(op, "f32[N,7,7,3]").find("expected 2 inputs"), std::string::npos);
  op.place = {3, 0};
  EXPECT_NE(infer(op, "f32[N,7,7,3], u8[N,7,7,3]").find("fft2d: expected pixels [14,14] that fit"),
            std::string::npos);
}

}  // namespace
}  // namespace evenkeel::test
