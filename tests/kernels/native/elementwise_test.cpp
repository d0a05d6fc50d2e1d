// SPDX-License-Identifier: Apache-2.0
// Native kernels that work element by element give the reference's bytes.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeElementwise : public NativeKernels {
 protected:
  // Some larger than one block of 16384.
  Shape any_shape() {
    if (between(0, 3) == 0) return {between(1, 900), between(60, 70)};
    return random_shape();
  }
  Tensor any(const Shape& shape) { return with_specials(normal(shape)); }
  void expect_reference(const Op& op, const std::vector<Tensor>& inputs) {
    expect_same(run_native(op, inputs), run_reference(op, inputs));
  }
};

TEST_P(NativeElementwise, Relu) { expect_reference(Relu{}, {any(any_shape())}); }

TEST_P(NativeElementwise, ReluGrad) {
  const Shape shape = any_shape();
  expect_reference(ReluGrad{}, {any(shape), any(shape)});
}

TEST_P(NativeElementwise, Add) {
  const Shape shape = any_shape();
  expect_reference(Add{}, {any(shape), any(shape)});
}

TEST_P(NativeElementwise, AddWithReluOrItsGradientBehindIt) {
  const Shape shape = any_shape();
  const Tensor a = any(shape), b = any(shape), y = any(shape);
  const auto sum = run_native(Add{}, {a, b});
  const Fused rectified = {Add{}, {Relu{}}};
  const Fused masked = {Add{}, {ReluGrad{}}};
  expect_reference(rectified, {a, b});
  expect_same(run_native(rectified, {a, b}), run_native(Relu{}, sum));
  expect_reference(masked, {a, b, y});
  expect_same(run_native(masked, {a, b, y}), run_native(ReluGrad{}, {sum[0], y}));
}

TEST_P(NativeElementwise, Multiply) {
  const Shape shape = any_shape();
  expect_reference(Multiply{}, {any(shape), any(shape)});
}

TEST_P(NativeElementwise, Scale) {
  expect_reference(Scale{1 / 255.0, DType::f32}, {any(any_shape())});
}

TEST_P(NativeElementwise, ScaleOfBytes) {
  Tensor x(DType::u8, any_shape());
  for (std::uint8_t& value : x.values<std::uint8_t>())
    value = static_cast<std::uint8_t>(between(0, 255));
  expect_reference(Scale{1 / 255.0, DType::f32}, {x});
}

TEST_P(NativeElementwise, ScaleAxis) {
  const Shape shape = any_shape();
  expect_reference(ScaleAxis{0}, {any(shape), any({shape[0]})});
  expect_reference(ScaleAxis{-1}, {any(shape), any({shape.back()})});
  expect_reference(ScaleAxis{0}, {any(shape), any({})});
}

TEST_P(NativeElementwise, BiasAdd) {
  const Shape shape = any_shape();
  expect_reference(BiasAdd{}, {any(shape), any({shape.back()})});
}

TEST_P(NativeElementwise, BiasAddOfLongRows) {
  const Shape shape = {between(1, 40), between(500, 1100)};
  expect_reference(BiasAdd{}, {any(shape), any({shape[1]})});
}

TEST_P(NativeElementwise, Reductions) {
  const Tensor x = normal(any_shape());
  expect_reference(Mean{}, {x});
  expect_reference(MeanGrad{}, {normal({}), x});
  Tensor counts(DType::i32, {between(1, 300)});
  for (std::int32_t& value : counts.values<std::int32_t>())
    value = static_cast<std::int32_t>(between(-9, 9));
  expect_reference(Sum{}, {counts});
  expect_reference(Increment{}, {Tensor::of({}, std::vector<std::int64_t>{between(0, 99)})});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeElementwise, ::testing::Range(1, 9));

}  // namespace
}  // namespace evenkeel::native_test
