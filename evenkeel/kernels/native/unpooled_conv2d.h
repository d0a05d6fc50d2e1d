// SPDX-License-Identifier: Apache-2.0
// A convolution's gradient through pooling on bound shapes, as the kernel reads it.
#pragma once

#include <cstddef>

namespace evenkeel::native {

// x: [N,H,W,C] within zeros, kernel R x S, dy: [N,I,J,K].
struct UnpooledConv2d {
  std::size_t N, H, W, C, R, S, I, J, K;
  std::size_t top, left;

  // Patches of a channel, from each place of the padded image that a window reads.
  std::size_t patch_rows() const { return 2 * (I - 1) + R; }
  std::size_t patch_columns() const { return 2 * (J - 1) + S; }
  std::size_t taps() const { return R * S; }
};

}  // namespace evenkeel::native
