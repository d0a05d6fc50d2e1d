// SPDX-License-Identifier: Apache-2.0
// A convolution with pooling behind it on bound shapes, as the kernel reads it.
#pragma once

#include <cstddef>

namespace evenkeel::native {

// x: [N,H,W,C], W: [R,S,C,K], pooled to [N,I,J,K].
struct PooledConv2d {
  std::size_t N, H, W, C, R, S, I, J, K;
  std::size_t top, left;
  bool bias, relu;

  // The part of an image within its padding that windows read.
  std::size_t field_rows() const { return 2 * I + R - 1; }
  std::size_t field_row() const { return (2 * J + S - 1) * C; }  // floats
  std::size_t taps() const { return R * S * C; }
};

}  // namespace evenkeel::native
