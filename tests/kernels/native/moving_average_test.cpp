// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeMovingAverage : public NativeKernels {};

Tensor seen(std::int64_t count) { return Tensor::of({}, std::vector<std::int64_t>{count}); }

TEST_P(NativeMovingAverage, IsTheReferencesWithinTheRoundingOfFloats) {
  const Shape shape = {between(0, 3) == 0 ? 1 : between(1, 60000)};
  const Tensor moving = normal(shape);
  const Tensor value = normal(shape);
  for (const MovingAverage& rule :
       {MovingAverage{0.75, false}, MovingAverage{0.999, true, 9}, MovingAverage{1, true}}) {
    const std::vector<Tensor> inputs = {moving, seen(between(0, 40)), value};
    const Tensor native = run_native(rule, inputs)[0];
    const Tensor exact = run_reference_in_double(rule, inputs)[0];
    for (std::size_t i = 0; i < native.values<float>().size(); ++i) {
      const double size = std::abs(moving.values<float>()[i]) + std::abs(value.values<float>()[i]);
      ASSERT_NEAR(native.values<float>()[i], exact.values<double>()[i], 3 * kUnit * size);
    }
  }
}

// What does not move stays: k a + (1 - k) a in floats would wander off.
TEST_P(NativeMovingAverage, OfEqualValuesIsTheValue) {
  const Tensor x = normal({between(1, 300)});
  for (const std::int64_t count : {0, 1, 7, 100000})
    EXPECT_EQ(run_native(MovingAverage{0.999, true, 9}, {x, seen(count), x})[0], x);
}

TEST_P(NativeMovingAverage, TheFirstOfAMeanIsTheValue) {
  const Tensor x = normal({between(1, 300)});
  const Tensor zeros(DType::f32, x.shape);
  expect_same(run_native(MovingAverage{1, true}, {zeros, seen(0), x}), {x});
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeMovingAverage, ::testing::Range(1, 7));

}  // namespace
}  // namespace evenkeel::native_test
