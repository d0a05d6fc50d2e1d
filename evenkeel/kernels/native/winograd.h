// SPDX-License-Identifier: Apache-2.0
// How a convolution falls into tiles, for Winograd's algorithms.
#pragma once

#include <algorithm>
#include <cstddef>

#include "evenkeel/kernels/native/batch_norm.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {

// Images [N,H,W,C] whose rows begin `top` and `left` pixels within the padding.
struct Images {
  std::size_t N, H, W, C, top, left;
};
inline Images images_of(const ValueType& type, const Padding4& padding = {0, 0, 0, 0}) {
  const auto extent = [&](std::size_t axis) { return static_cast<std::size_t>(type.shape[axis]); };
  return {extent(0),
          extent(1),
          extent(2),
          extent(3),
          static_cast<std::size_t>(padding[0]),
          static_cast<std::size_t>(padding[2])};
}

// x: [N,H,W,C] and y or dy: [N,P,Q,K]. A strip is a row of tiles of one image; as many strips as
// make a group are transformed, multiplied and transformed back while they stay in the cache.
struct Tiling {
  Images x;
  Images y;
  std::size_t tile;      // 2 or 4
  std::size_t strips;    // of an image
  std::size_t across;    // tiles of a strip
  std::size_t group;     // strips of a group, at most
  std::size_t C16, K16;  // the channels in whole blocks
  std::size_t frequencies;

  Tiling(std::size_t m, const ValueType& image, const ValueType& result, const Padding4& padding)
      : x(images_of(image, padding)),
        y(images_of(result)),
        tile(m),
        strips((y.H + m - 1) / m),
        across((y.W + m - 1) / m),
        group(std::max<std::size_t>(1, kGroupTiles / across)),
        C16(whole_blocks(x.C)),
        K16(whole_blocks(y.C)),
        frequencies((m + 2) * (m + 2)) {}

  // Floats between frequencies in a group of tiles with so many channels each; a line more than
  // they take, because powers of two would share few sets of the cache.
  std::size_t step(std::size_t channels) const { return group * across * channels + 16; }
  // Floats of a group's tiles.
  std::size_t tiles(std::size_t channels) const { return frequencies * step(channels); }
  // Floats that the transform of a strip, or back, takes.
  std::size_t strip_scratch() const { return 16 * (tile + 2) * (across * tile + 2); }

 private:
  static constexpr std::size_t kGroupTiles = 32;
  static std::size_t whole_blocks(std::size_t channels) {
    return (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
  }
};

// What x goes through while its strips are read: nothing, or batch norm and perhaps ReLU.
struct WinogradLoad {
  bool normalises = false;
  bool relu = false;
  Normalisation y = {};
};

// Where the moments of each sample's y go, [N,K] each, or null.
struct WinogradMoments {
  double *count, *mean, *M2;
};

}  // namespace evenkeel::native
