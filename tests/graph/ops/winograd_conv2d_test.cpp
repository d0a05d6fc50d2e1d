// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/winograd_conv2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(WinogradKernelShape, is_blocks_of_output_channels) {
  EXPECT_EQ(infer(WinogradKernel{4, false}, "f32[3,3,16,40]"), "f32[36,3,16,16]");
  EXPECT_EQ(infer(WinogradKernel{4, true}, "f32[3,3,16,40]"), "f32[36,1,40,16]");
  EXPECT_EQ(infer(WinogradKernel{2, false}, "f64[3,3,1,1]"), "f64[16,1,1,16]");
}

TEST(WinogradKernelShape, refuses_other_kernels_and_tiles) {
  EXPECT_EQ(infer(WinogradKernel{4, false}, "f32[5,3,1,1]"),
            "[winograd_kernel] winograd_kernel: expected a kernel [3,3,C,K], got f32[5,3,1,1]");
  EXPECT_EQ(infer(WinogradKernel{3, false}, "f32[3,3,1,1]"),
            "[winograd_kernel] winograd_kernel: expected a tile of 2 or 4, not 3, got "
            "f32[3,3,1,1]");
  EXPECT_EQ(infer(WinogradKernel{4, false}, "u8[3,3,1,1]"),
            "[winograd_kernel] winograd_kernel: expected input 0 of dtype f32 or f64, got "
            "u8[3,3,1,1]");
}

TEST(WinogradConv2dShape, is_the_convolutions) {
  EXPECT_EQ(infer(WinogradConv2d{4, {1, 1, 1, 1}, 40}, "f32[N,8,9,16], f32[36,3,16,16]"),
            "f32[N,8,9,40]");
  EXPECT_EQ(infer(WinogradConv2d{2, {0, 2, 0, 0}, 1}, "f64[2,3,3,5], f64[16,1,5,16]"),
            "f64[2,3,1,1]");
}

TEST(WinogradConv2dShape, refuses_what_does_not_match) {
  const std::string expected = "[winograd_conv2d] winograd_conv2d: expected ";
  EXPECT_EQ(infer(WinogradConv2d{4, {1, 1, 1, 1}, 16}, "f32[N,8,8,16], f32[16,1,16,16]"),
            expected + "a transformed kernel [36,B,16,16], got f32[N,8,8,16], f32[16,1,16,16]");
  EXPECT_EQ(infer(WinogradConv2d{4, {1, 1, 1, 1}, 16}, "f32[N,8,8,16], f32[36,1,15,16]"),
            expected + "a transformed kernel [36,B,16,16], got f32[N,8,8,16], f32[36,1,15,16]");
  for (const std::int64_t channels : {0, 16, 33})
    EXPECT_EQ(infer(WinogradConv2d{4, {}, channels}, "f32[N,8,8,1], f32[36,2,1,16]"),
              expected + "channels in 2 blocks of 16, not " + std::to_string(channels) +
                  ", got f32[N,8,8,1], f32[36,2,1,16]");
  EXPECT_EQ(infer(WinogradConv2d{4, {}, 16}, "f32[N,8,8,1], f64[36,1,1,16]"),
            expected + "image and kernel of one dtype, got f32[N,8,8,1], f64[36,1,1,16]");
  EXPECT_EQ(infer(WinogradConv2d{4, {}, 16}, "f32[N,2,8,1], f32[36,1,1,16]").substr(0, 36),
            expected.substr(0, 36));
}

TEST(WinogradConv2dGradKernelShape, is_sums_of_parts) {
  EXPECT_EQ(infer(WinogradConv2dGradKernel{4, {1, 1, 1, 1}, 8}, "f32[N,8,9,16], f32[N,8,9,40]"),
            "f32[8,36,16,48]");
  const std::string expected = "[winograd_conv2d_grad_kernel] winograd_conv2d_grad_kernel: ";
  EXPECT_EQ(infer(WinogradConv2dGradKernel{4, {1, 1, 1, 1}, 0}, "f32[N,8,9,1], f32[N,8,9,1]"),
            expected + "expected 1 to 1024 parts, not 0, got f32[N,8,9,1], f32[N,8,9,1]");
  EXPECT_NE(infer(WinogradConv2dGradKernel{4, {0, 0, 0, 0}, 8}, "f32[N,8,9,1], f32[N,8,9,1]"),
            "f32[8,36,1,16]");
}

TEST(WinogradKernelGradShape, is_the_kernels) {
  EXPECT_EQ(infer(WinogradKernelGrad{4, 40}, "f32[8,36,16,48]"), "f32[3,3,16,40]");
  EXPECT_EQ(infer(WinogradKernelGrad{2, 40}, "f32[8,36,16,48]"),
            "[winograd_kernel_grad] winograd_kernel_grad: expected sums [L,16,C,16 B], got "
            "f32[8,36,16,48]");
  EXPECT_EQ(infer(WinogradKernelGrad{4, 32}, "f32[8,36,16,48]"),
            "[winograd_kernel_grad] winograd_kernel_grad: expected channels in 3 blocks of 16, not "
            "32, got f32[8,36,16,48]");
}

// F(2, 3) as everybody writes it, up to the signs of its first row.
TEST(WinogradMatrices, OfTwoAreTheKnownOnes) {
  const WinogradMatrices m = winograd_matrices(2);
  EXPECT_EQ(m.image, (std::vector<double>{-1, 0, 1, 0, 0, 1, 1, 0, 0, -1, 1, 0, 0, -1, 0, 1}));
  EXPECT_EQ(m.kernel, (std::vector<double>{-1, 0, 0, .5, .5, .5, .5, -.5, .5, 0, 0, 1}));
  EXPECT_EQ(m.result, (std::vector<double>{1, 1, 1, 0, 0, 1, -1, 1}));
}

// Along one dimension: A^T [(G w) . (B^T x)] is the correlation, for each unit w and x.
TEST(WinogradMatrices, MakeACorrelation) {
  for (const std::size_t m : {2, 4}) {
    const WinogradMatrices z = winograd_matrices(static_cast<std::int64_t>(m));
    const std::size_t n = m + 2;
    ASSERT_EQ(z.image.size(), n * n);
    for (std::size_t y = 0; y < m; ++y)
      for (std::size_t x = 0; x < n; ++x)
        for (std::size_t w = 0; w < 3; ++w) {
          double sum = 0;
          for (std::size_t i = 0; i < n; ++i)
            sum += z.result[y * n + i] * z.kernel[i * 3 + w] * z.image[i * n + x];
          EXPECT_NEAR(sum, x == y + w ? 1 : 0, 1e-14) << m << ": " << y << x << w;
        }
  }
}

}  // namespace
}  // namespace evenkeel::test
