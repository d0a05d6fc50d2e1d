// SPDX-License-Identifier: Apache-2.0
// Direct convolutions with a stride, and both gradients, against the reference in double.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

struct StridedCase {
  Conv2d op;
  Shape x, kernel, y;
};

class NativeConv2d : public NativeKernels {
 protected:
  // Any stride but 1 by 1, padding as large as a kernel and larger, odd maps.
  StridedCase strided(std::int64_t N) {
    Conv2d op;
    op.stride = {between(1, 3), between(1, 3)};
    if (op.stride == Pair{1, 1}) op.stride = {2, 2};
    op.padding = {between(0, 3), between(0, 3), between(0, 3), between(0, 3)};
    op.dilation = {between(1, 2), between(1, 2)};
    const Shape kernel = {between(1, 4), between(1, 4), between(8, 40), between(8, 70)};
    const auto size = [&](std::size_t axis) {
      const std::int64_t window = (kernel[axis] - 1) * op.dilation[axis] + 1;
      return between(window, window + 14);
    };
    const Shape x = {N, size(0), size(1), kernel[2]};
    const Shape y =
        call_of(op, {Tensor(DType::f32, x), Tensor(DType::f32, kernel)}).outputs[0].shape;
    return {op, x, kernel, y};
  }
  static Conv2dGradData grad_data(const StridedCase& c) {
    return {c.op.stride, c.op.padding, {c.x[1], c.x[2]}, c.op.dilation};
  }
  static Conv2dGradKernel grad_kernel(const StridedCase& c) {
    return {c.op.stride, c.op.padding, {c.kernel[0], c.kernel[1]}, c.op.dilation};
  }
  static std::string text(const StridedCase& c) {
    return to_string(c.x) + " " + to_string(c.kernel) + " -> " + to_string(c.y);
  }

  static void expect_sums(const Op& op, const std::vector<Tensor>& inputs, std::int64_t terms) {
    const Tensor exact = run_reference_in_double(op, inputs)[0];
    const Call call = call_of(op, inputs);
    EXPECT_TRUE(
        entry_for(native_kernels(), call)
            .name.ends_with(std::holds_alternative<Fused>(op) ? "fused/conv2d" : name_of(op)));
    for (const Tensor& native : run_native_by_target(op, inputs))
      expect_near(native, exact,
                  [&](std::size_t) { return 10 * kUnit * static_cast<double>(terms + 1); });
  }
};

TEST_P(NativeConv2d, Forward) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const StridedCase c = strided(between(1, 4));
    SCOPED_TRACE(text(c));
    const std::int64_t terms = c.kernel[0] * c.kernel[1] * c.kernel[2];
    const std::vector<Tensor> inputs = {normal(c.x), normal(c.kernel), normal({c.kernel[3]})};
    expect_sums(c.op, {inputs[0], inputs[1]}, terms);
    expect_sums(Fused{c.op, {BiasAdd{}, Relu{}}}, inputs, terms);
    expect_sums(Fused{c.op, {Relu{}}}, {inputs[0], inputs[1]}, terms);
  }
}

TEST_P(NativeConv2d, GradientByTheData) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const StridedCase c = strided(between(1, 4));
    SCOPED_TRACE(text(c));
    expect_sums(grad_data(c), {normal(c.y), normal(c.kernel)},
                c.kernel[0] * c.kernel[1] * c.kernel[3]);
  }
}

// Several small images at once, and the last ones of a batch.
TEST_P(NativeConv2d, GradientByTheKernel) {
  for (int repeat = 0; repeat < 3; ++repeat) {
    const StridedCase c = strided(between(1, 19));
    SCOPED_TRACE(text(c));
    expect_sums(grad_kernel(c), {normal(c.x), normal(c.y)}, c.y[0] * c.y[1] * c.y[2]);
  }
}

// Larger than a chunk of pixels, as ResNet's are.
TEST_P(NativeConv2d, OfLargeMaps) {
  const std::int64_t C = between(8, 20), K = between(8, 40);
  const StridedCase c = {{{2, 2}, {1, 0, 0, 1}}, {3, 33, 28, C}, {3, 3, C, K}, {3, 16, 14, K}};
  expect_sums(c.op, {normal(c.x), normal(c.kernel)}, 9 * C);
  expect_sums(grad_data(c), {normal(c.y), normal(c.kernel)}, 9 * K);
  expect_sums(grad_kernel(c), {normal(c.x), normal(c.y)}, 3 * 16 * 14);
}

// Every sample by itself, whatever stands beside it and however many there are.
TEST_P(NativeConv2d, ASamplesResultDoesNotDependOnTheOthers) {
  const StridedCase c = strided(3);
  SCOPED_TRACE(text(c));
  const Tensor x = normal(c.x), W = normal(c.kernel);
  Shape last = c.x;
  last[0] = 1;
  Tensor one(DType::f32, last);
  std::copy_n(x.values<float>().end() - one.shape.elements(), one.shape.elements(),
              one.values<float>().begin());
  const std::vector<Tensor> all = run_native_by_target(c.op, {x, W});
  const std::vector<Tensor> alone = run_native_by_target(c.op, {one, W});
  for (std::size_t set = 0; set < all.size(); ++set)
    EXPECT_TRUE(std::equal(alone[set].values<float>().begin(), alone[set].values<float>().end(),
                           all[set].values<float>().end() - alone[set].shape.elements()));
}

TEST_P(NativeConv2d, WhatNoTapReachesIsZero) {
  const Tensor W = normal({1, 1, 8, 9});
  const Tensor dx =
      run_native_by_target(Conv2dGradData{{2, 2}, {}, {4, 4}}, {normal({1, 2, 2, 9}), W})[0];
  for (std::size_t i = 0; i < 16; ++i) {
    if (i / 4 % 2 == 0 && i % 2 == 0) continue;
    for (std::size_t c = 0; c < 8; ++c) EXPECT_EQ(dx.values<float>()[i * 8 + c], 0);
  }
}

TEST_P(NativeConv2d, LeavesOthersToOthers) {
  const auto refuses = [&](const Op& op, const Shape& kernel) {
    const Call call = call_of(op, {normal({1, 8, 8, 16}), normal(kernel)});
    EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  };
  refuses(Conv2d{}, {3, 3, 16, 16});
  refuses(Conv2d{{2, 2}}, {3, 3, 16, 4});
  Conv2d grouped = {{2, 2}};
  grouped.groups = 2;
  refuses(grouped, {3, 3, 8, 16});
}

// A reader by blocks of dW's channels must not take the kernel's blocks, which are others, for its
// own.
TEST(NativeConv2dGradKernel, HasNotAsManyBlocksAsChannelsHave) {
  for (std::int64_t C = 8; C < 40; ++C)
    for (std::int64_t K = 8; K < 200; K += 8) {
      const Op op = Conv2dGradKernel{{2, 2}, {}, {1, 1}};
      const Call call =
          call_of(op, {Tensor(DType::f32, {1, 4, 4, C}), Tensor(DType::f32, {1, 2, 2, K})});
      EXPECT_NE(entry_for(native_kernels(), call).needs(call).extent, (K + 15) / 16);
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeConv2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
