// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/kernels/flops.h"

#include <gtest/gtest.h>

namespace evenkeel::test {
namespace {

const ValueType kX = {DType::f32, {2, 14, 14, 3}};
const ValueType kW = {DType::f32, {5, 5, 3, 4}};
const ValueType kY = {DType::f32, {2, 10, 10, 4}};
constexpr double kConvolution = 2.0 * (2 * 10 * 10 * 4) * (5 * 5 * 3);

TEST(Flops, OfAConvolutionAndItsGradientsAreTheSame) {
  EXPECT_EQ(flops_of({Conv2d{}, {kX, kW}, {kY}}), kConvolution);
  EXPECT_EQ(flops_of({Conv2dGradData{}, {kY, kW}, {kX}}), kConvolution);
  EXPECT_EQ(flops_of({Conv2dGradKernel{}, {kX, kY}, {kW}}), kConvolution);
}

TEST(Flops, OfAFusedOpAddItsEpilogue) {
  const ValueType bias = {DType::f32, {4}};
  EXPECT_EQ(flops_of({Fused{Conv2d{}, {BiasAdd{}, Relu{}}}, {kX, kW, bias}, {kY}}),
            kConvolution + 2 * (2 * 10 * 10 * 4));
}

TEST(Flops, OfAFusedOpFindTheCoresFactorBehindAPrologue) {
  const ValueType count = {DType::f32, {}};
  const ValueType each = {DType::f32, {3}};
  const Fused op{Conv2d{}, {Relu{}}, {BatchNormApply{}, Relu{}}};
  EXPECT_EQ(flops_of({op, {kX, count, each, each, each, each, kW}, {kY}}),
            kConvolution + 2 * 10 * 10 * 4 + 2 * (2 * 14 * 14 * 3));
}

TEST(Flops, OfAProductWithEitherFactorTransposed) {
  const ValueType wide = {DType::f32, {3, 7}};
  const ValueType y = {DType::f32, {3, 5}};
  EXPECT_EQ(flops_of({MatMul{}, {wide, {DType::f32, {7, 5}}}, {y}}), 2.0 * 3 * 7 * 5);
  EXPECT_EQ(flops_of({MatMul{true, true}, {{DType::f32, {7, 3}}, {DType::f32, {5, 7}}}, {y}}),
            2.0 * 3 * 7 * 5);
}

TEST(Flops, OfOtherOpsAreTheirElementsAndOfMovesNone) {
  EXPECT_EQ(flops_of({Mean{}, {kX}, {{DType::f32, {}}}}), 2 * 14 * 14 * 3);
  EXPECT_EQ(flops_of({Reshape{{2, 588}}, {kX}, {{DType::f32, {2, 588}}}}), 0);
}

}  // namespace
}  // namespace evenkeel::test
