// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/spectral_conv2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(SpectralConv2dShape, has_the_kernels_channels) {
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,2,32], f32[130,2,32,64]"), "f32[N,130,2,64]");
  EXPECT_EQ(infer(SpectralConv2d{false}, "f64[2,10,2,3], f64[10,2,3,5]"), "f64[2,10,2,5]");
}

TEST(SpectralConv2dShape, refuses_spectra_that_do_not_match) {
  const std::string expected = "[spectral_conv2d] spectral_conv2d: expected ";
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,2,32], f32[130,2,31,64]"),
            expected + "a kernel's spectrum [130,2,32,K], got f32[N,130,2,32], f32[130,2,31,64]");
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,2,32], f32[52,2,32,64]"),
            expected + "a kernel's spectrum [130,2,32,K], got f32[N,130,2,32], f32[52,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,3,32], f32[130,2,32,64]"),
            expected + "a spectrum [N,F,2,C], got f32[N,130,3,32], f32[130,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,2,32], f32[N,2,32,64]"),
            expected + "a kernel's spectrum [F,2,C,K], got f32[N,130,2,32], f32[N,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2d{}, "f32[N,130,2,32], f64[130,2,32,64]"),
            expected + "spectra of one dtype, got f32[N,130,2,32], f64[130,2,32,64]");
}

TEST(SpectralConv2dGradKernelShape, is_a_kernels_spectrum) {
  EXPECT_EQ(infer(SpectralConv2dGradKernel{}, "f32[N,130,2,32], f32[N,130,2,64]"),
            "f32[130,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2dGradKernel{}, "f32[N,130,2,32], f32[4,130,2,64]"),
            "[spectral_conv2d_grad_kernel] spectral_conv2d_grad_kernel: expected spectra of as "
            "many samples and frequencies, got f32[N,130,2,32], f32[4,130,2,64]");
}

}  // namespace
}  // namespace evenkeel::test
