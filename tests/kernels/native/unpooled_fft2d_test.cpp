// SPDX-License-Identifier: Apache-2.0
// The spectrum of an unpooled gradient against its definition: the kernels of its two parts.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeUnpooledFft2d : public NativeKernels {
 protected:
  struct Case {
    UnpooledFft2d op;
    Tensor dy, argmax;
  };

  // Maps may be odd, and lie anywhere in their field.
  Case random_case() {
    const std::array sizes = {6, 8, 10, 12, 16, 18, 20, 32};
    const std::int64_t n = sizes[static_cast<std::size_t>(between(0, sizes.size() - 1))];
    Case result;
    result.op.size = n;
    result.op.map = {between(2, n), between(2, n)};
    result.op.place = {between(0, n - result.op.map[0]), between(0, n - result.op.map[1])};
    const Shape pooled = {between(1, 3), result.op.map[0] / 2, result.op.map[1] / 2,
                          between(1, 70)};
    result.dy = normal(pooled);
    result.argmax = Tensor(DType::u8, pooled);
    for (std::uint8_t& place : result.argmax.values<std::uint8_t>())
      place = static_cast<std::uint8_t>(between(0, 3));
    return result;
  }
};

TEST_P(NativeUnpooledFft2d, HasTheBytesOfItsParts) {
  for (int repeat = 0; repeat < 5; ++repeat) {
    const Case c = random_case();
    SCOPED_TRACE(to_string(c.dy.shape) + ", size " + std::to_string(c.op.size));
    const Tensor map = run_native(c.op.unpool(), {c.dy, c.argmax})[0];
    const std::vector<Tensor> parts = run_native_by_target(c.op.fft(), {map});
    EXPECT_EQ(run_native_by_target(c.op, {c.dy, c.argmax}), parts);
  }
}

TEST_P(NativeUnpooledFft2d, ReferenceIsTheTransformOfTheUnpooledMap) {
  const Case c = random_case();
  const Tensor map = run_reference(c.op.unpool(), {widened(c.dy), c.argmax})[0];
  const Tensor exact = run_reference(c.op.fft(), {map})[0];
  expect_near(run_reference(c.op, {widened(c.dy), c.argmax})[0], exact,
              [](std::size_t) { return 1e-11; });
}

// Windows that overlap put two gradients into one place, and have no byte for it.
TEST_P(NativeUnpooledFft2d, LeavesOtherPoolingsToTheReference) {
  UnpooledFft2d op = {16};
  op.map = {9, 9};
  op.window = {3, 3};
  const Shape pooled = {2, 4, 4, 3};
  Tensor argmax(DType::u8, pooled);
  for (std::uint8_t& place : argmax.values<std::uint8_t>())
    place = static_cast<std::uint8_t>(between(0, 8));
  const Tensor dy = normal(pooled);
  EXPECT_THROW(entry_for(native_kernels(), call_of(op, {dy, argmax})), RuntimeFailure);
  const Tensor map = run_reference(op.unpool(), {widened(dy), argmax})[0];
  expect_near(run_reference(op, {widened(dy), argmax})[0], run_reference(op.fft(), {map})[0],
              [](std::size_t) { return 1e-12; });
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeUnpooledFft2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
