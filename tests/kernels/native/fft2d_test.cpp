// SPDX-License-Identifier: Apache-2.0
// Transforms and products of spectra against the reference in double: relative to the result's
// size, errors of f32 sums.
#include <cmath>

#include "tests/kernels/native/harness.h"

namespace evenkeel::native_test {
namespace {

class NativeFft2d : public NativeKernels {
 protected:
  // The error's root mean square over the result's, on every instruction set.
  static void expect_close(const Op& op, const std::vector<Tensor>& inputs, double units) {
    const Tensor exact = run_reference_in_double(op, inputs)[0];
    for (const Tensor& native : run_native_by_target(op, inputs)) {
      double error = 0;
      double size = 0;
      const auto a = native.values<float>();
      const auto b = exact.values<double>();
      ASSERT_EQ(a.size(), b.size());
      for (std::size_t i = 0; i < a.size(); ++i) {
        error += (a[i] - b[i]) * (a[i] - b[i]);
        size += b[i] * b[i];
      }
      EXPECT_LE(std::sqrt(error), units * kUnit * std::sqrt(size)) << to_string(native.shape);
    }
  }
  std::int64_t size() {
    const std::array sizes = {6, 8, 10, 12, 16, 18, 20, 24, 30, 32, 36, 40};
    return sizes[static_cast<std::size_t>(between(0, sizes.size() - 1))];
  }
};

TEST_P(NativeFft2d, AndBack) {
  for (int repeat = 0; repeat < 4; ++repeat) {
    const std::int64_t n = size();
    const Pair extent = {between(1, n), between(1, n)};
    const Pair place = {between(0, n - extent[0]), between(0, n - extent[1])};
    SCOPED_TRACE("size " + std::to_string(n));
    const Tensor x = normal({between(1, 3), extent[0], extent[1], between(1, 40)});
    expect_close(Fft2d{n, place}, {x}, 4);
    const Tensor Z = run_native_by_target(Fft2d{n, place}, {x})[0];
    expect_close(InverseFft2d{n, place, extent}, {Z}, 6);
  }
}

// Sizes whose only factors are 2, 3 and 5, at least two of them with 4 for one.
TEST_P(NativeFft2d, LeavesOtherSizesToTheReference) {
  for (const std::int64_t n : {2, 4, 14, 22, 34}) {
    const std::int64_t many = n / 2 + 1;
    const Call call = call_of(Fft2d{n, {0, 0}}, {normal({1, many, many, 3})});
    EXPECT_THROW(entry_for(native_kernels(), call), RuntimeFailure) << n;
  }
}

TEST_P(NativeFft2d, ProductsOfSpectra) {
  for (int repeat = 0; repeat < 4; ++repeat) {
    const std::int64_t N = between(1, 40), F = between(1, 6), C = between(1, 70);
    const std::int64_t K = between(1, 70);
    const Tensor X = normal({N, F, 2, C});
    SCOPED_TRACE(to_string(X.shape) + ", K " + std::to_string(K));
    const Tensor W = normal({F, 2, C, K});
    for (const SpectralKernel& op : {SpectralKernel{true, false}, SpectralKernel{false, false}}) {
      const std::vector<Tensor> blocks = run_native_by_target(op, {W});
      for (const Tensor& native : blocks) expect_same({native}, run_reference(op, {W}));
      expect_close(SpectralConv2d{K}, {X, blocks[0]}, 40);
    }
    const SpectralKernel transposed = {.transposed = true};
    for (const Tensor& native : run_native_by_target(transposed, {W}))
      expect_same({native}, run_reference(transposed, {W}));
    expect_close(SpectralConv2dGradKernel{}, {X, normal({N, F, 2, K})}, 40);
  }
}

// Every sample by itself, whatever stands beside it and however many there are.
TEST_P(NativeFft2d, ASamplesProductDoesNotDependOnTheOthers) {
  const std::int64_t N = between(2, 20), F = 3, C = between(1, 40), K = between(1, 40);
  const Tensor X = normal({N, F, 2, C});
  const Tensor B = run_reference(SpectralKernel{}, {normal({F, 2, C, K})})[0];
  const std::vector<Tensor> all = run_native_by_target(SpectralConv2d{K}, {X, B});
  for (const std::int64_t n : {std::int64_t{0}, N - 1}) {
    Tensor one(DType::f32, {1, F, 2, C});
    std::copy_n(X.values<float>().begin() + n * F * 2 * C, F * 2 * C, one.values<float>().begin());
    const std::vector<Tensor> alone = run_native_by_target(SpectralConv2d{K}, {one, B});
    for (std::size_t target = 0; target < all.size(); ++target)
      for (std::int64_t i = 0; i < F * 2 * K; ++i)
        ASSERT_EQ(alone[target].values<float>()[static_cast<std::size_t>(i)],
                  all[target].values<float>()[static_cast<std::size_t>(n * F * 2 * K + i)]);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, NativeFft2d, ::testing::Range(1, 11));

}  // namespace
}  // namespace evenkeel::native_test
