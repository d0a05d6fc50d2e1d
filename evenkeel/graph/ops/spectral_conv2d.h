// SPDX-License-Identifier: Apache-2.0
// Convolution where it is a product: frequency by frequency, on spectra as fft2d.h has them
// (Mathieu, Henaff & LeCun 2013, arXiv 1312.5851). In fields of size n >= H + bottom, W + right and
// so on for top and left, with x at {top, left} and W and dy at {0, 0}:
//   Conv2d            y at {0, 0}            = SpectralConv2d{correlate}(x, W)
//   Conv2dGradData    dx at {top, left}      = SpectralConv2d{not correlate}(dy, W as [R,S,K,C])
//   Conv2dGradKernel  dW at {0, 0}           = SpectralConv2dGradKernel(x, dy)
#pragma once

#include "evenkeel/graph/rules.h"

namespace evenkeel {

// X: [N,F,2,C]  W: [F,2,C,K]  Y: [N,F,2,K]
// Y[n,f,k] = sum_c X[n,f,c] conj(W[f,c,k]); correlate = false: without conj.
struct SpectralConv2d {
  static constexpr std::string_view name = "spectral_conv2d";
  bool correlate = true;
  static constexpr auto fields = std::tuple{field("correlate", &SpectralConv2d::correlate)};
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SpectralConv2d&, const SpectralConv2d&) = default;
};

// X: [N,F,2,C]  dY: [N,F,2,K]  dW: [F,2,C,K]
// dW[f,c,k] = sum_n X[n,f,c] conj(dY[n,f,k])
struct SpectralConv2dGradKernel : NoFields<SpectralConv2dGradKernel> {
  static constexpr std::string_view name = "spectral_conv2d_grad_kernel";
  Types infer(const ShapeScope& in) const;
  friend bool operator==(const SpectralConv2dGradKernel&,
                         const SpectralConv2dGradKernel&) = default;
};

}  // namespace evenkeel
