// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <limits>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"

namespace evenkeel::test {
namespace {

constexpr float kFloatNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kFloatInfinity = std::numeric_limits<float>::infinity();

TEST(ReferenceScale, OfBytesToFloats) {
  const Tensor pixels = Tensor::of<std::uint8_t>({3}, {0, 51, 255});
  const Tensor y = run_op(Scale{1 / 255.0, DType::f32}, {pixels})[0];
  EXPECT_EQ(y.dtype, DType::f32);
  EXPECT_TRUE(close(y, {0, 0.2, 1}, 1e-7));
}

TEST(ReferenceScale, OfFloatsToEitherDType) {
  EXPECT_EQ(run_op(Scale{-2, DType::f32}, {f32({2}, {1, -3})})[0], f32({2}, {-2, 6}));
  EXPECT_EQ(run_op(Scale{-2, DType::f64}, {f32({2}, {1, -3})})[0], f64({2}, {-2, 6}));
  EXPECT_EQ(run_op(Scale{-2, DType::f32}, {f64({2}, {1, -3})})[0], f32({2}, {-2, 6}));
}

TEST(ReferenceAdd, AddsElementByElement) {
  EXPECT_EQ(run_op(Add{}, {f64({1, 2}, {1, 2}), f64({1, 2}, {10, 20})})[0], f64({1, 2}, {11, 22}));
}

TEST(ReferenceDivide, DividesElementByElement) {
  EXPECT_EQ(run_op(Divide{}, {f64({2}, {1, -9}), f64({2}, {4, 3})})[0], f64({2}, {0.25, -3}));
}

// 1e8 + 1 has no f32: the difference is taken before rounding.
TEST(ReferenceDifference, IsTakenInDouble) {
  EXPECT_EQ(run_op(Difference{DType::f32}, {f64({1}, {1e8 + 1}), f32({1}, {1e8F})})[0],
            f32({1}, {1}));
}

TEST(ReferenceClamp, CutsAtBothLimitsAndKeepsNaN) {
  const Tensor y = run_op(
      Clamp{}, {f32({4}, {-5, 0.5, kFloatInfinity, kFloatNaN}), f32({}, {-1}), f32({}, {2})})[0];
  EXPECT_TRUE(close(y, {-1, 0.5, 2, kFloatNaN}));
}

TEST(ReferenceStopGradient, IsItsInput) {
  EXPECT_EQ(run_op(StopGradient{}, {f64({2}, {1, 2})})[0], f64({2}, {1, 2}));
}

TEST(ReferenceScaleAxis, AlongSamplesChannelsOrNeither) {
  const Tensor x = f64({2, 1, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_TRUE(
      close(run_op(ScaleAxis{0}, {x, f64({2}, {10, 100})})[0], {10, 20, 30, 400, 500, 600}));
  EXPECT_TRUE(
      close(run_op(ScaleAxis{-1}, {x, f64({3}, {1, 10, 100})})[0], {1, 20, 300, 4, 50, 600}));
  EXPECT_TRUE(close(run_op(ScaleAxis{0}, {x, f64({}, {2})})[0], {2, 4, 6, 8, 10, 12}));
}

TEST(ReferenceIncrement, CountsOn) {
  EXPECT_EQ(run_op(Increment{}, {i64({}, {41})})[0], i64({}, {42}));
}

TEST(ReferenceBiasAdd, AddsToEachRow) {
  const Tensor x = f64({2, 1, 1, 2}, {1, 2, 3, 4});
  EXPECT_TRUE(close(run_op(BiasAdd{}, {x, f64({2}, {10, 20})})[0], {11, 22, 13, 24}));
}

TEST(ReferenceBiasAdd, ItsGradientSumsTheRows) {
  EXPECT_TRUE(close(run_op(BiasGrad{}, {f64({3, 2}, {1, 2, 3, 4, 5, 6})})[0], {9, 12}));
}

// A float accumulator would stop at 2^24.
TEST(ReferenceBiasAdd, ItsGradientOfManyRowsKeepsEachOne) {
  EXPECT_EQ(run_op(BiasGrad{}, {f32({3, 1}, {0x1p24F, 1, 1})})[0], f32({1}, {0x1p24F + 2}));
}

TEST(ReferenceRelu, KeepsNaNAndCutsBelowZero) {
  const Tensor x = f32({6}, {-1, 0, 2, kFloatNaN, kFloatInfinity, -kFloatInfinity});
  EXPECT_TRUE(close(run_op(Relu{}, {x})[0], {0, 0, 2, kFloatNaN, kFloatInfinity, 0}));
}

TEST(ReferenceRelu, ItsGradientPassesWhereTheOutputIsPositive) {
  const Tensor dy = f32({4}, {5, 6, 7, 8});
  EXPECT_EQ(run_op(ReluGrad{}, {dy, f32({4}, {0, 1, kFloatNaN, 1e-30F})})[0],
            f32({4}, {0, 6, 0, 8}));
}

TEST(ReferenceReshape, KeepsTheOrder) {
  EXPECT_EQ(run_op(Reshape{{3, 2}}, {i32({2, 3}, {1, 2, 3, 4, 5, 6})})[0],
            i32({3, 2}, {1, 2, 3, 4, 5, 6}));
}

TEST(ReferenceReorder, FromDenseToDenseCopies) {
  EXPECT_EQ(run_op(Reorder{}, {f32({2}, {1, 2})})[0], f32({2}, {1, 2}));
  EXPECT_THROW(run_op(Reorder{{"packed"}, 64}, {f32({2}, {1, 2})}), InvalidArgument);
}

TEST(ReferenceConstant, FillsAnyDType) {
  EXPECT_EQ(run_op(Constant{{DType::f32, {2}}, 0.5}, {})[0], f32({2}, {0.5, 0.5}));
  EXPECT_EQ(run_op(Constant{{DType::i64, {}}, 7}, {})[0], i64({}, {7}));
}

TEST(ReferenceReduce, MeanItsGradientAndSum) {
  EXPECT_EQ(run_op(Mean{}, {f32({2, 2}, {1, 2, 3, 6})})[0], f32({}, {3}));
  EXPECT_EQ(run_op(MeanGrad{}, {f32({}, {2}), f32({2, 2}, {0, 0, 0, 0})})[0],
            f32({2, 2}, {0.5, 0.5, 0.5, 0.5}));
  EXPECT_EQ(run_op(Sum{}, {i32({3}, {1, 0, 1})})[0], i32({}, {2}));
}

}  // namespace
}  // namespace evenkeel::test
