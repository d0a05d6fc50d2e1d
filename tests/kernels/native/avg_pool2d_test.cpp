// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeAvgPool2d : public NativeKernels {
 protected:
  void expect_reference(const AvgPool2d& op, const Shape& shape) {
    const Tensor x = with_specials(normal(shape), 30);
    const auto pooled = run_native(op, {x});
    expect_same(pooled, run_reference(op, {x}));
    const AvgPool2dGrad grad = {
        op.window, op.stride, op.padding, {shape[1], shape[2]}, op.count_padding};
    const Tensor dy = with_specials(normal(pooled[0].shape), 30);
    expect_same(run_native(grad, {dy}), run_reference(grad, {dy}));
  }
};

TEST_P(NativeAvgPool2d, AnyWindow) {
  const Pair window = {between(1, 5), between(1, 5)};
  const Pair stride = {between(1, 4), between(1, 4)};
  const Padding4 padding = {between(0, window[0] - 1), between(0, window[0] - 1),
                            between(0, window[1] - 1), between(0, window[1] - 1)};
  const Shape shape = {between(1, 3), between(window[0], 12), between(window[1], 12),
                       between(1, 90)};
  expect_reference({window, stride, padding, between(0, 1) == 0}, shape);
}

TEST_P(NativeAvgPool2d, WindowOfOnePixel) {
  expect_reference({{1, 1}, {between(1, 3), 2}}, {2, between(1, 9), between(1, 9), between(1, 70)});
}

TEST_P(NativeAvgPool2d, WholeImage) {
  const Pair size = {between(1, 9), between(1, 9)};
  expect_reference({size, {1, 1}}, {between(1, 5), size[0], size[1], between(1, 200)});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeAvgPool2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
