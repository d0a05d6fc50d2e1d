// SPDX-License-Identifier: Apache-2.0
// A convolution's kernel gradient through pooling against its definition: the reference kernels of
// its two parts, in double.
#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeUnpooledConv2d : public NativeKernels {
 protected:
  struct Case {
    UnpooledConv2dGradKernel op;
    Tensor x, dy, argmax;
  };

  Case random_case(std::int64_t channels) {
    const std::int64_t R = between(1, 7), S = between(1, 7);
    const Padding4 padding = {between(0, R - 1), between(0, R - 1), between(0, S - 1),
                              between(0, S - 1)};
    const std::int64_t H = between(R + 1, 15), W = between(S + 1, 15);
    const Pair map = {H + padding[0] + padding[1] - R + 1, W + padding[2] + padding[3] - S + 1};
    const Shape pooled = {between(1, 5), map[0] / 2, map[1] / 2, between(1, 40)};
    Case result = {{{1, 1}, padding, {R, S}}, {}, {}, {}};
    result.op.size = map;
    result.x = normal({pooled[0], H, W, channels});
    result.dy = normal(pooled);
    result.argmax = Tensor(DType::u8, pooled);
    for (std::uint8_t& place : result.argmax.values<std::uint8_t>())
      place = static_cast<std::uint8_t>(between(0, 3));
    return result;
  }

  static Tensor by_definition(const Case& c) {
    const Tensor map = run_reference(c.op.unpool(), {widened(c.dy), c.argmax})[0];
    return run_reference(c.op.conv(), {widened(c.x), map})[0];
  }
};

TEST_P(NativeUnpooledConv2d, IsTheGradientOfTheUnpooledMap) {
  for (const std::int64_t channels : {1, 1, 3, 4}) {
    const Case c = random_case(channels);
    SCOPED_TRACE(to_string(c.x.shape) + " and " + to_string(c.dy.shape));
    const Tensor exact = by_definition(c);
    expect_near(run_reference(c.op, {widened(c.x), widened(c.dy), c.argmax})[0], exact,
                [](std::size_t) { return 1e-12; });
    // Of as many terms as there are windows, each of normal numbers.
    const double windows = static_cast<double>(c.dy.shape[0] * c.dy.shape[1] * c.dy.shape[2]);
    for (const Tensor& native : run_native_by_target(c.op, {c.x, c.dy, c.argmax}))
      expect_near(native, exact,
                  [&](std::size_t) { return 40 * kUnit * std::sqrt(windows) + 4 * kUnit; });
  }
}

TEST_P(NativeUnpooledConv2d, LeavesOtherPoolingsToTheReference) {
  Case c = random_case(1);
  for (const Pair window : {Pair{3, 3}, Pair{2, 1}}) {
    UnpooledConv2dGradKernel op = c.op;
    op.window = window;
    op.window_stride = window;
    const Shape pooled = {1, op.size[0] / window[0], op.size[1] / window[1], 2};
    if (pooled[1] == 0 || pooled[2] == 0) continue;
    const Tensor x(DType::f32, {1, c.x.shape[1], c.x.shape[2], 1});
    const Call call = call_of(op, {x, Tensor(DType::f32, pooled), Tensor(DType::u8, pooled)});
    EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeUnpooledConv2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
