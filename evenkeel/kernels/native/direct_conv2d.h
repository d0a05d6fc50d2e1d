// SPDX-License-Identifier: Apache-2.0
// What the direct convolutions have in common, and which calls they take.
#pragma once

#include <algorithm>

#include "evenkeel/kernels/native/gathered.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {

// Channels of a result in a block of the grid: two of the widest vectors, so that where a panel
// begins, and with it the order of its sums, does not depend on the cut.
inline constexpr std::size_t kDirectBlock = 32;

// Sums over a window's taps and the channels of what it reads, as kernels take them.
struct GatheredProduct {
  std::size_t images;
  std::size_t taps;                    // of the kernel
  std::size_t depth;                   // channels that are summed over
  std::size_t columns;                 // channels of the result
  std::size_t image_of_x, image_of_y;  // floats
  bool across;  // the kernel is [taps][columns][depth], not [taps][depth][columns]
  bool relu;
  const GatheredTap* all;
  const GatheredBlock* blocks;
  std::size_t count;
};

// Products of pairs of pixels: x: [images,..,C] and dy: [images,pixels,K], to rows (tap, c) of dW.
struct PairedProduct {
  std::size_t images, C, K, taps;
  std::size_t image_of_x;  // floats
  std::size_t pixels;      // of an image of dy
  std::size_t at_once;     // images
  std::size_t parts;       // blocks of rows of a tap, of nearly equal size
  const PixelPair* pairs;
  const PixelPairs* meeting;  // [count][taps]
  const PixelChunk* chunks;
  std::size_t count;

  // Where a part of C begins.
  std::size_t part(std::size_t i) const { return C * i / parts; }
  // The first row of a block.
  std::size_t row(std::size_t block) const { return block / parts * C + part(block % parts); }
};

// Strides, where oneDNN is slower or not faster as measured; with few channels vectors, or the
// runs that a tap makes over a pixel, would be short. Offsets in an image are 32 bits.
template <typename ConvOp>
bool takes_directly(const ConvOp& op, const DirectConv2d& z) {
  constexpr std::int64_t kFewestChannels = 8;
  constexpr std::int64_t kLargestImage = std::int64_t{1} << 30;
  return op.groups == 1 && op.stride != Pair{1, 1} && std::min(z.C, z.K) >= kFewestChannels &&
         std::max(z.H * z.W * z.C, z.P * z.Q * z.K) <= kLargestImage;
}

}  // namespace evenkeel::native
