// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/graph/ops/spectral_conv2d.h"

#include <gtest/gtest.h>

#include "tests/support/graph_checks.h"

namespace evenkeel::test {
namespace {

TEST(SpectralKernelShape, has_blocks_of_16_channels) {
  EXPECT_EQ(infer(SpectralKernel{}, "f32[130,2,32,64]"), "f32[130,4,3,32,16]");
  EXPECT_EQ(infer(SpectralKernel{true, true}, "f64[10,2,3,5]"), "f64[10,1,3,5,16]");
  EXPECT_EQ(infer(SpectralKernel{}, "f32[130,3,32,64]"),
            "[spectral_kernel] spectral_kernel: expected a kernel's spectrum [F,2,C,K], got "
            "f32[130,3,32,64]");
}

TEST(SpectralConv2dShape, has_its_channels) {
  EXPECT_EQ(infer(SpectralConv2d{64}, "f32[N,130,2,32], f32[130,4,3,32,16]"), "f32[N,130,2,64]");
  EXPECT_EQ(infer(SpectralConv2d{5}, "f64[2,10,2,3], f64[10,1,3,3,16]"), "f64[2,10,2,5]");
  EXPECT_EQ(infer(SpectralConv2d{5}, "f64[2,40,2,3], f64[10,1,3,3,16]"), "f64[2,40,2,5]");
}

TEST(SpectralConv2dShape, refuses_spectra_that_do_not_match) {
  const std::string expected = "[spectral_conv2d] spectral_conv2d: expected ";
  const auto refused = [&](std::int64_t channels, const std::string& types, const char* wanted) {
    EXPECT_EQ(infer(SpectralConv2d{channels}, types), expected + wanted + ", got " + types);
  };
  const char* fitting = "a kernel's spectrum [130,M,3,32,16]";
  refused(64, "f32[N,130,2,32], f32[130,4,3,31,16]", fitting);
  refused(64, "f32[N,130,2,32], f32[52,4,3,32,16]", fitting);
  refused(64, "f32[N,130,2,32], f32[130,4,2,32,16]", fitting);
  refused(64, "f32[N,130,3,32], f32[130,4,3,32,16]", "a spectrum [N,F,2,C]");
  refused(64, "f32[N,130,2,32], f64[130,4,3,32,16]", "spectra of one dtype");
  refused(65, "f32[N,130,2,32], f32[130,4,3,32,16]", "channels in 4 blocks of 16, not 65");
  refused(0, "f32[N,130,2,32], f32[130,4,3,32,16]", "channels in 4 blocks of 16, not 0");
}

TEST(SpectralConv2dGradKernelShape, is_a_kernels_spectrum) {
  EXPECT_EQ(infer(SpectralConv2dGradKernel{}, "f32[N,130,2,32], f32[N,130,2,64]"),
            "f32[130,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2dGradKernel{}, "f32[N,130,2,32], f32[4,130,2,64]"),
            "[spectral_conv2d_grad_kernel] spectral_conv2d_grad_kernel: expected spectra of as "
            "many samples and frequencies, got f32[N,130,2,32], f32[4,130,2,64]");
  EXPECT_EQ(infer(SpectralConv2dGradKernel{4}, "f32[N,40,2,32], f32[N,40,2,64]"),
            "f32[10,2,32,64]");
  EXPECT_EQ(infer(SpectralConv2dGradKernel{3}, "f32[N,40,2,32], f32[N,40,2,64]"),
            "[spectral_conv2d_grad_kernel] spectral_conv2d_grad_kernel: expected tiles that divide "
            "40 frequencies, not 3, got f32[N,40,2,32], f32[N,40,2,64]");
}

}  // namespace
}  // namespace evenkeel::test
