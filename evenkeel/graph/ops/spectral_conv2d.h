// SPDX-License-Identifier: Apache-2.0
// Convolution where it is a product: frequency by frequency, on spectra as fft2d.h has them
// (Mathieu, Henaff & LeCun 2013, arXiv 1312.5851). In fields of size n >= H + bottom, W + right and
// so on for top and left, with x at {top, left} and W and dy at {0, 0}:
//   Conv2d            y at {0, 0}        = SpectralConv2d(x, SpectralKernel{conjugate}(W))
//   Conv2dGradData    dx at {top, left}  = SpectralConv2d(dy, SpectralKernel{transposed}(W))
//   Conv2dGradKernel  dW at {0, 0}       = SpectralConv2dGradKernel(x, dy)
// A complex product is made of three real ones (Gauss):
//   X B = k + Xi B1 + i (k + Xr B2)  with  k = (Xr + Xi) B0,
//   B0 = Br,  B1 = -(Br + Bi),  B2 = Bi - Br.
#pragma once

#include "evenkeel/graph/ops/kernel_blocks.h"
#include "evenkeel/graph/rules.h"

namespace evenkeel {

// W: [F,2,C,K] -> B: [F,M,3,C,16], B0, B1 and B2 of output channel k = 16 m + i in block m, of the
// complex conjugates of W if so asked. `transposed`: with C and K exchanged, so [F,M,3,K,16] with
// blocks of C.
struct SpectralKernel {
  static constexpr std::string_view name = "spectral_kernel";
  bool conjugate = false;
  bool transposed = false;
  static constexpr auto fields = std::tuple{field("conjugate", &SpectralKernel::conjugate),
                                            field("transposed", &SpectralKernel::transposed)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SpectralKernel&, const SpectralKernel&) = default;
};

// X: [N,F,2,C]  B: [F,M,3,C,16]  Y: [N,F,2,K], K = `channels` in M blocks.
// Y[n,f,k] = sum_c X[n,f,c] B[f,c,k]
// X and Y may be of T tiles, [N,T F,2,C] (tiled_fft2d.h), each multiplied by the same B.
struct SpectralConv2d {
  static constexpr std::string_view name = "spectral_conv2d";
  std::int64_t channels = 0;
  static constexpr auto fields = std::tuple{field("channels", &SpectralConv2d::channels)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SpectralConv2d&, const SpectralConv2d&) = default;
};

// X: [N,T F,2,C]  dY: [N,T F,2,K]  dW: [F,2,C,K], with T = `tiles`
// dW[f,c,k] = sum_{n,t} X[n,t,f,c] conj(dY[n,t,f,k])
struct SpectralConv2dGradKernel {
  static constexpr std::string_view name = "spectral_conv2d_grad_kernel";
  std::int64_t tiles = 1;
  static constexpr auto fields = std::tuple{field("tiles", &SpectralConv2dGradKernel::tiles)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SpectralConv2dGradKernel&,
                         const SpectralConv2dGradKernel&) = default;
};

}  // namespace evenkeel
