// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/fused.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(FusedShape, is_that_of_its_expansion) {
  EXPECT_EQ(infer(Fused{Conv2d{{1, 1}, {1, 1, 1, 1}}, {BiasAdd{}, Relu{}}},
                  "f32[N,8,8,3], f32[3,3,3,5], f32[5]"),
            "f32[N,8,8,5]");
  EXPECT_EQ(infer(Fused{MatMul{}, {Relu{}}}, "f32[N,3], f32[3,4]"), "f32[N,4]");
  EXPECT_EQ(infer(Fused{MatMul{}, {}}, "f32[N,3], f32[3,4]"), "f32[N,4]");
  EXPECT_EQ(infer(Fused{MaxPool2d{}, {BiasAdd{}, Relu{}}}, "f32[N,8,8,3], f32[3]"),
            "f32[N,4,4,3], u8[N,4,4,3]");
  EXPECT_EQ(infer(Fused{Conv2d{}, {BiasAdd{}, Relu{}, MaxPool2d{}}},
                  "f32[N,8,8,3], f32[3,3,3,5], f32[5]"),
            "f32[N,3,3,5], u8[N,3,3,5]");
  EXPECT_EQ(
      infer(Fused{InverseFft2d{4, {0, 0}, {3, 4}}, {BiasAdd{}, Relu{}}}, "f32[N,10,2,5], f32[5]"),
      "f32[N,3,4,5]");
  EXPECT_EQ(infer(Fused{InverseFft2d{4, {0, 0}, {3, 4}}, {BiasAdd{}, Relu{}, MaxPool2d{}}},
                  "f32[N,10,2,5], f32[5]"),
            "f32[N,1,2,5], u8[N,1,2,5]");
}

TEST(FusedShape, of_a_product_that_adam_takes_is_adams_by_rows) {
  const std::string inputs =
      "f32[128,50], f32[128,16], f32[50,16], f32[50,16], f32[50,16], f64[], i64[]";
  const MatMul product = {true, false};
  EXPECT_EQ(infer(Fused{product, {AdamUpdate{}}}, inputs),
            "f32[50,16], f32[50,16], f32[50,16], i32[3]");
  EXPECT_EQ(infer(Fused{product, {Relu{}, AdamUpdate{}}}, inputs),
            "[fused] fused: expected adam alone behind a matmul, got " + inputs);
  const std::string others =
      "f32[128,50], f32[128,16], f32[50,17], f32[50,17], f32[50,17], f64[], i64[]";
  EXPECT_EQ(infer(Fused{product, {AdamUpdate{}}}, others),
            "[fused] adam: expected inputs 0 and 3 of one type, got f32[50,17], f32[50,17], "
            "f32[50,17], f32[50,16], f64[], i64[]");
}

TEST(FusedShape, pools_once_and_last) {
  const std::string conv = "f32[N,8,8,3], f32[3,3,3,5]";
  EXPECT_EQ(infer(Fused{Conv2d{}, {MaxPool2d{}, Relu{}}}, conv),
            "[fused] fused: expected nothing behind the max_pool2d of its epilogue, got " + conv);
  EXPECT_EQ(infer(Fused{MaxPool2d{}, {MaxPool2d{}}}, "f32[N,8,8,3]"),
            "[fused] fused: expected one max_pool2d, got f32[N,8,8,3]");
}

TEST(FusedShape, of_what_batch_norm_goes_into) {
  const std::string moments = "f64[3], f64[3], f64[3]";
  const std::string norm = "f32[N,8,8,3], " + moments + ", f32[3], f32[3]";
  EXPECT_EQ(infer(Fused{BatchNormApply{}, {Add{}, Relu{}}}, norm + ", f32[N,8,8,3]"),
            "f32[N,8,8,3]");
  const Fused conv = {
      WinogradConv2d{4, {1, 1, 1, 1}, 5}, {ChannelMoments{true}}, {BatchNormApply{}, Relu{}}};
  EXPECT_EQ(infer(conv, norm + ", f32[36,1,3,16]"), "f32[N,8,8,5], f64[N,5], f64[N,5], f64[N,5]");
  const Fused sums = {Add{}, {BatchNormGradSums{1e-3, true, true}}};
  EXPECT_EQ(infer(sums, "f32[N,8,8,3], f32[N,8,8,3], " + norm), "f32[N,8,8,3], f32[N,3], f32[N,3]");
  const std::string two = "f32[N,3], f32[N,3]";
  EXPECT_EQ(infer(Fused{Add{}, {ChannelMoments{}, Relu{}}}, two),
            "[fused] fused: expected nothing behind the sums of its epilogue, got " + two);
}

TEST(FusedShape, names_the_part_that_does_not_fit) {
  EXPECT_EQ(infer(Fused{MatMul{}, {BiasAdd{}}}, "f32[N,3], f32[3,4], f32[5]"),
            "[fused] bias_add: expected input 1 of type f32[4], got f32[N,4], f32[5]");
  EXPECT_EQ(infer(Fused{MatMul{}, {}}, "f32[N,3], f32[2,4]"),
            "[fused] matmul: expected factors [M,C] and [C,K] of one C, got f32[N,3], f32[2,4]");
}

TEST(FusedShape, wants_exactly_its_operands) {
  EXPECT_EQ(infer(Fused{MatMul{}, {BiasAdd{}}}, "f32[N,3], f32[3,4]"),
            "[fused] fused: expected more inputs, one for each operand of its ops, got f32[N,3], "
            "f32[3,4]");
  EXPECT_EQ(infer(Fused{MatMul{}, {Relu{}}}, "f32[N,3], f32[3,4], f32[4]"),
            "[fused] fused: expected one input for each operand of its ops, not more, got "
            "f32[N,3], f32[3,4], f32[4]");
}

}  // namespace
}  // namespace evenkeel::test
