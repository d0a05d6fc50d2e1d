// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeMaxPool2d : public NativeKernels {
 protected:
  // Values of few digits, so that equal ones meet in a window.
  Tensor image(const Shape& shape) {
    Tensor x(DType::f32, shape);
    for (float& value : x.values<float>()) value = static_cast<float>(between(-3, 3));
    return with_specials(std::move(x), 20);
  }
  void expect_reference(const MaxPool2d& op, const Shape& shape) {
    const Tensor x = image(shape);
    const auto pooled = run_native(op, {x});
    expect_same(pooled, run_reference(op, {x}));
    const MaxPool2dGrad grad = {op.window, op.stride, op.padding, {shape[1], shape[2]}};
    const Tensor dy = normal(pooled[0].shape);
    expect_same(run_native(grad, {dy, pooled[1]}), run_reference(grad, {dy, pooled[1]}));
  }
};

TEST_P(NativeMaxPool2d, TwoByTwo) {
  expect_reference({}, {between(1, 4), between(2, 15), between(2, 15), between(1, 70)});
}

TEST_P(NativeMaxPool2d, AnyWindow) {
  const Pair window = {between(1, 5), between(1, 5)};
  const Pair stride = {between(1, 4), between(1, 4)};
  const Padding4 padding = {between(0, window[0] - 1), between(0, window[0] - 1),
                            between(0, window[1] - 1), between(0, window[1] - 1)};
  const Shape shape = {between(1, 3), between(window[0], 12), between(window[1], 12),
                       between(1, 40)};
  expect_reference({window, stride, padding}, shape);
}

TEST_P(NativeMaxPool2d, WithBiasAndRelu) {
  const Shape shape = {between(1, 4), between(3, 15), between(3, 15), between(1, 70)};
  const Tensor x = image(shape);
  const Tensor bias = image({shape[3]});
  for (const MaxPool2d& core : {MaxPool2d{}, MaxPool2d{{3, 2}, {1, 2}, {1, 1, 0, 1}}}) {
    const Fused both = {core, {BiasAdd{}, Relu{}}};
    expect_same(run_native(both, {x, bias}), run_reference(both, {x, bias}));
    const Fused biased = {core, {BiasAdd{}}};
    expect_same(run_native(biased, {x, bias}), run_reference(biased, {x, bias}));
    const Fused rectified = {core, {Relu{}}};
    expect_same(run_native(rectified, {x}), run_reference(rectified, {x}));
  }
}

TEST_P(NativeMaxPool2d, LargestWindow) { expect_reference({{16, 16}, {3, 5}}, {2, 20, 21, 5}); }

TEST_P(NativeMaxPool2d, LeavesLargerWindowsToOthers) {
  const Call call = call_of(MaxPool2d{{16, 17}, {1, 1}}, {Tensor(DType::f32, {1, 17, 17, 2})});
  ASSERT_EQ(call.outputs[1].dtype, DType::i32);
  EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  const Tensor bias(DType::f32, {2});
  const Call other =
      call_of(Fused{MaxPool2d{}, {Relu{}, BiasAdd{}}}, {Tensor(DType::f32, {1, 4, 4, 2}), bias});
  EXPECT_THROW(entry_for(native_kernels(), other), RuntimeFailure);
  const Call grad = {MaxPool2dGrad{{16, 17}, {1, 1}, {}, {17, 17}}, call.outputs, call.inputs};
  EXPECT_THROW(entry_for(native_kernels(), grad), RuntimeFailure);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeMaxPool2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
