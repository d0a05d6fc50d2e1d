// SPDX-License-Identifier: Apache-2.0
// Transforms worked out by hand, and a convolution by its spectra.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// Of 2 x 2 all frequencies are real: sums and differences.
TEST(ReferenceFft2d, OfTwoByTwoIsSumsAndDifferences) {
  const Tensor x = f64({1, 2, 2, 1}, {1, 2, 3, 5});
  const Tensor Z = run_op(Fft2d{2, {0, 0}}, {x})[0];
  // (0,0), (1,0), (0,1), (1,1), each with its imaginary part.
  EXPECT_TRUE(close(Z, f64({1, 4, 2, 1}, {11, 0, -5, 0, -3, 0, 1, 0}), 1e-14, 1));
  EXPECT_TRUE(close(run_op(InverseFft2d{2, {0, 0}, {2, 2}}, {Z})[0], x, 1e-14, 1));
}

// A single 1 at {h, w} turns by h u + w v.
TEST(ReferenceFft2d, OfAPointTurns) {
  const Tensor Z = run_op(Fft2d{8, {2, 3}}, {f64({1, 1, 1, 1}, {1})})[0];
  for (std::int64_t f = 0; f < frequencies_of(8); ++f) {
    const auto [u, v] = frequency_at(8, f);
    const double angle = 2 * std::numbers::pi * static_cast<double>(2 * u + 3 * v) / 8;
    const auto at = static_cast<std::size_t>(2 * f);
    EXPECT_NEAR(Z.values<double>()[at], std::cos(angle), 1e-14) << u << "," << v;
    EXPECT_NEAR(Z.values<double>()[at + 1], -std::sin(angle), 1e-14) << u << "," << v;
  }
}

TEST(ReferenceFft2d, GoesBackToTheSamePixels) {
  for_random_cases(20, [](Draw& draw) {
    const std::int64_t size = 2 * draw.integer(1, 8);
    const Pair extent = {draw.integer(1, static_cast<int>(size)),
                         draw.integer(1, static_cast<int>(size))};
    const Pair place = {draw.integer(0, static_cast<int>(size - extent[0])),
                        draw.integer(0, static_cast<int>(size - extent[1]))};
    const Tensor x =
        draw.uniform_tensor({draw.integer(1, 3), extent[0], extent[1], draw.integer(1, 3)});
    const Tensor Z = run_op(Fft2d{size, place}, {x})[0];
    EXPECT_TRUE(close(run_op(InverseFft2d{size, place, extent}, {Z})[0], x, 1e-13, 1));
  });
}

// What spectral_conv2d.h says of a convolution and its two gradients, for any padding.
TEST(ReferenceSpectralConv2d, IsTheConvolutionAndItsGradients) {
  for_random_cases(40, [](Draw& draw) {
    const std::int64_t N = draw.integer(1, 3), C = draw.integer(1, 3), K = draw.integer(1, 3);
    const std::int64_t R = draw.integer(1, 4), S = draw.integer(1, 4);
    const std::int64_t H = draw.integer(static_cast<int>(R), 7);
    const std::int64_t W = draw.integer(static_cast<int>(S), 7);
    const auto pad = [&](std::int64_t window) { return draw.integer(0, static_cast<int>(window)); };
    const Padding4 padding = {pad(R), pad(R), pad(S), pad(S)};
    const Pair place = {padding[0], padding[2]};
    const Tensor x = draw.uniform_tensor({N, H, W, C});
    const Tensor kernel = draw.uniform_tensor({R, S, C, K});
    const Tensor y = run_op(Conv2d{{1, 1}, padding}, {x, kernel})[0];
    const Pair out = {y.shape[1], y.shape[2]};
    const Tensor dy = draw.uniform_tensor(y.shape);
    const std::int64_t least = std::max(
        {H + padding[0], H + padding[1], W + padding[2], W + padding[3], out[0], out[1], R, S});
    const std::int64_t n = least + least % 2;
    const auto spectrum = [&](const Tensor& of, Pair at) { return run_op(Fft2d{n, at}, {of})[0]; };
    // As an image of C K channels.
    const auto of_kernel = [&](const Tensor& of) {
      Tensor image = of;
      image.shape = {1, of.shape[0], of.shape[1], of.shape[2] * of.shape[3]};
      Tensor result = spectrum(image, {0, 0});
      result.shape = {frequencies_of(n), 2, of.shape[2], of.shape[3]};
      return result;
    };
    const Tensor X = spectrum(x, place);
    const Tensor slopes = spectrum(dy, {0, 0});
    const Tensor spectra = of_kernel(kernel);
    const Tensor B = run_op(SpectralKernel{.conjugate = true}, {spectra})[0];
    const Tensor Y = run_op(SpectralConv2d{K}, {X, B})[0];
    EXPECT_TRUE(close(run_op(InverseFft2d{n, {0, 0}, out}, {Y})[0], y, 1e-12, 1));

    const Tensor turned = run_op(SpectralKernel{.transposed = true}, {spectra})[0];
    const Tensor data_slopes = run_op(SpectralConv2d{C}, {slopes, turned})[0];
    EXPECT_TRUE(close(run_op(InverseFft2d{n, place, {H, W}}, {data_slopes})[0],
                      run_op(Conv2dGradData{{1, 1}, padding, {H, W}}, {dy, kernel})[0], 1e-12, 1));

    Tensor kernel_slopes = run_op(SpectralConv2dGradKernel{}, {X, slopes})[0];
    kernel_slopes.shape = {1, frequencies_of(n), 2, C * K};
    Tensor image = run_op(InverseFft2d{n, {0, 0}, {R, S}}, {kernel_slopes})[0];
    image.shape = kernel.shape;
    EXPECT_TRUE(
        close(image, run_op(Conv2dGradKernel{{1, 1}, padding, {R, S}}, {x, dy})[0], 1e-12, 1));
  });
}

}  // namespace
}  // namespace evenkeel::test
