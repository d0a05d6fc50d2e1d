// SPDX-License-Identifier: Apache-2.0
// A convolution and its gradients by Winograd's algorithms are what they are directly.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/kernels/reference/run_op.h"
#include "tests/support/compare.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {
namespace {

// Of a 1 in the middle of the kernel, G W G^T is the product of two columns of G.
TEST(ReferenceWinograd, TransformsAKernelByG) {
  Tensor W = f64({3, 3, 1, 1}, {0, 0, 0, 0, 1, 0, 0, 0, 0});
  const Tensor U = run_op(WinogradKernel{2, false}, {W})[0];
  const std::vector<double> column = {0, 0.5, -0.5, 0};
  for (std::size_t f = 0; f < 16; ++f)
    for (std::size_t i = 0; i < 16; ++i)
      EXPECT_EQ(U.values<double>()[f * 16 + i], i == 0 ? column[f / 4] * column[f % 4] : 0);
}

TEST(ReferenceWinograd, IsTheConvolutionAndItsGradients) {
  for_random_cases(50, [](Draw& draw) {
    const std::int64_t tile = draw.integer(0, 1) == 0 ? 2 : 4;
    const std::int64_t N = draw.integer(1, 3), C = draw.integer(1, 4), K = draw.integer(1, 18);
    const std::int64_t H = draw.integer(3, 10), W = draw.integer(3, 10);
    const auto pad = [&] { return static_cast<std::int64_t>(draw.integer(0, 2)); };
    const Padding4 padding = {pad(), pad(), pad(), pad()};
    const Tensor x = draw.uniform_tensor({N, H, W, C});
    const Tensor kernel = draw.uniform_tensor({3, 3, C, K});
    const Tensor y = run_op(Conv2d{{1, 1}, padding}, {x, kernel})[0];
    const Tensor dy = draw.uniform_tensor(y.shape);
    const Tensor U = run_op(WinogradKernel{tile, false}, {kernel})[0];
    EXPECT_TRUE(close(run_op(WinogradConv2d{tile, padding, K}, {x, U})[0], y, 1e-12, 1));

    const Tensor rotated = run_op(WinogradKernel{tile, true}, {kernel})[0];
    const Padding4 rest = {2 - padding[0], 2 - padding[1], 2 - padding[2], 2 - padding[3]};
    EXPECT_TRUE(close(run_op(WinogradConv2d{tile, rest, C}, {dy, rotated})[0],
                      run_op(Conv2dGradData{{1, 1}, padding, {H, W}}, {dy, kernel})[0], 1e-12, 1));

    const WinogradConv2dGradKernel product{tile, padding, draw.integer(1, 5)};
    const Tensor sums = run_op(product, {x, dy})[0];
    EXPECT_TRUE(close(run_op(WinogradKernelGrad{tile, K}, {sums})[0],
                      run_op(Conv2dGradKernel{{1, 1}, padding, {3, 3}}, {x, dy})[0], 1e-12, 1));
  });
}

}  // namespace
}  // namespace evenkeel::test
