// SPDX-License-Identifier: Apache-2.0
// Transforms of tiles against the reference in double: relative to the result's size, errors of f32
// sums.
#include <cmath>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeTiledFft2d : public NativeKernels {
 protected:
  // Tiles that overlap, touch or leave gaps, and reach over any edge.
  TiledFft2d random_tiles() {
    const std::array sizes = {6, 8, 10, 12, 16, 20};
    const std::int64_t n = sizes[static_cast<std::size_t>(between(0, sizes.size() - 1))];
    const auto pair = [&](std::int64_t low, std::int64_t high) {
      return Pair{between(low, high), between(low, high)};
    };
    TiledFft2d op = {n, pair(0, 3), pair(1, 3), pair(2, n), pair(1, n)};
    if (between(0, 2) == 0) op.extent = op.step;
    return op;
  }
  static std::vector<double> numbers(const Tensor& tensor) {
    const Tensor wide = widened(tensor);
    return {wide.values<double>().begin(), wide.values<double>().end()};
  }
  static void expect_close(const Op& op, const std::vector<Tensor>& inputs, double units) {
    const std::vector<double> exact = numbers(run_reference_in_double(op, inputs)[0]);
    double size = 0;
    for (const double value : exact) size += value * value;
    for (const Tensor& native : run_native_by_target(op, inputs)) {
      const std::vector<double> ours = numbers(native);
      double error = 0;
      ASSERT_EQ(ours.size(), exact.size());
      for (std::size_t i = 0; i < ours.size(); ++i)
        error += (ours[i] - exact[i]) * (ours[i] - exact[i]);
      EXPECT_LE(std::sqrt(error), units * kUnit * std::sqrt(size)) << to_string(native.shape);
    }
  }
};

TEST_P(NativeTiledFft2d, AndBack) {
  for (int repeat = 0; repeat < 4; ++repeat) {
    const TiledFft2d op = random_tiles();
    const Pair map = {between(1, 30), between(1, 30)};
    const Tensor x = normal({between(1, 2), map[0], map[1], between(1, 40)});
    SCOPED_TRACE(to_string(x.shape) + ", size " + std::to_string(op.size));
    expect_close(op, {x}, 4);
    const Tensor Z = run_native_by_target(op, {x})[0];
    const InverseTiledFft2d inverse = {op.size, op.place, op.tiles, op.step, op.extent, map};
    expect_close(inverse, {Z}, 6);
  }
}

// One tile is a field.
TEST_P(NativeTiledFft2d, OfOneTileIsFft2d) {
  const Pair map = {between(1, 12), between(1, 12)};
  const Pair place = {between(0, 16 - map[0]), between(0, 16 - map[1])};
  const Tensor x = normal({2, map[0], map[1], between(1, 40)});
  const std::vector<Tensor> Z = run_native_by_target(Fft2d{16, place}, {x});
  EXPECT_EQ(run_native_by_target(TiledFft2d{16, place}, {x}), Z);
  EXPECT_EQ(
      run_native_by_target(InverseTiledFft2d{16, place, {1, 1}, {16, 16}, {16, 16}, map}, {Z[0]}),
      run_native_by_target(InverseFft2d{16, place, map}, {Z[0]}));
}

TEST_P(NativeTiledFft2d, ProductsTakeTilesForSamples) {
  const std::int64_t N = between(1, 9), T = between(2, 5), F = between(1, 6);
  const std::int64_t C = between(1, 40), K = between(1, 40);
  const Tensor X = normal({N, T * F, 2, C});
  const Tensor B = run_reference(SpectralKernel{}, {normal({F, 2, C, K})})[0];
  expect_close(SpectralConv2d{K}, {X, B}, 40);
  expect_close(SpectralConv2dGradKernel{T}, {X, normal({N, T * F, 2, K})}, 40);
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeTiledFft2d, ::testing::Range(1, 13));

}  // namespace
}  // namespace evenkeel::native_test
