// SPDX-License-Identifier: Apache-2.0
// A convolution and its gradients by the spectra of tiles: overlap-save forward, overlap-add back.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// A kernel's spectrum, as an image of C K channels.
Tensor spectrum_of_kernel(const Tensor& kernel, std::int64_t n) {
  Tensor image = kernel;
  image.shape = {1, kernel.shape[0], kernel.shape[1], kernel.shape[2] * kernel.shape[3]};
  Tensor result = run_op(Fft2d{n, {0, 0}}, {image})[0];
  result.shape = {frequencies_of(n), 2, kernel.shape[2], kernel.shape[3]};
  return result;
}

TEST(ReferenceTiledFft2d, MakesAConvolutionAndItsGradients) {
  for_random_cases(30, [](Draw& draw) {
    const std::int64_t N = draw.integer(1, 2), C = draw.integer(1, 2), K = draw.integer(1, 2);
    const std::int64_t R = draw.integer(1, 4), S = draw.integer(1, 4);
    const std::int64_t H = draw.integer(4, 13), W = draw.integer(4, 13);
    const auto pad = [&](std::int64_t window) { return draw.integer(0, window); };
    const Padding4 padding = {pad(R), pad(R), pad(S), pad(S)};
    const Pair place = {padding[0], padding[2]};
    const Tensor x = draw.uniform_tensor({N, H, W, C});
    const Tensor kernel = draw.uniform_tensor({R, S, C, K});
    const Tensor y = run_op(Conv2d{{1, 1}, padding}, {x, kernel})[0];
    const Pair out = {y.shape[1], y.shape[2]};
    const Tensor dy = draw.uniform_tensor(y.shape);

    const std::int64_t n = 2 * draw.integer(2, 4);
    const Pair step = {n - R + 1, n - S + 1};
    const Pair tiles = {(out[0] + step[0] - 1) / step[0], (out[1] + step[1] - 1) / step[1]};
    const Tensor X = run_op(TiledFft2d{n, place, tiles, step, {n, n}}, {x})[0];
    const Tensor slopes = run_op(TiledFft2d{n, {0, 0}, tiles, step, step}, {dy})[0];
    const Tensor spectra = spectrum_of_kernel(kernel, n);

    const Tensor B = run_op(SpectralKernel{.conjugate = true}, {spectra})[0];
    const Tensor Y = run_op(SpectralConv2d{K}, {X, B})[0];
    EXPECT_TRUE(
        close(run_op(InverseTiledFft2d{n, {0, 0}, tiles, step, step, out}, {Y})[0], y, 1e-12, 1));

    const Tensor turned = run_op(SpectralKernel{.transposed = true}, {spectra})[0];
    const Tensor back = run_op(SpectralConv2d{C}, {slopes, turned})[0];
    EXPECT_TRUE(close(run_op(InverseTiledFft2d{n, place, tiles, step, {n, n}, {H, W}}, {back})[0],
                      run_op(Conv2dGradData{{1, 1}, padding, {H, W}}, {dy, kernel})[0], 1e-12, 1));

    Tensor sums = run_op(SpectralConv2dGradKernel{tiles[0] * tiles[1]}, {X, slopes})[0];
    sums.shape = {1, frequencies_of(n), 2, C * K};
    Tensor image = run_op(InverseFft2d{n, {0, 0}, {R, S}}, {sums})[0];
    image.shape = kernel.shape;
    EXPECT_TRUE(
        close(image, run_op(Conv2dGradKernel{{1, 1}, padding, {R, S}}, {x, dy})[0], 1e-12, 1));
  });
}

}  // namespace
}  // namespace evenkeel::test
