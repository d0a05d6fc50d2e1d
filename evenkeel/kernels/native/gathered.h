// SPDX-License-Identifier: Apache-2.0
// Where the taps of a direct convolution find their pixels: tables made once for a shape, of one
// image each. Kernels only follow them, so any stride, padding and dilation is the same to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "evenkeel/graph/ops/conv2d.h"

namespace evenkeel::native {

// x: [N,H,W,C]  W: [R,S,C,K]  y: [N,P,Q,K], in one group.
struct DirectConv2d {
  std::int64_t N, H, W, C, R, S, P, Q, K;
  Pair stride;
  Padding4 padding;
  Pair dilation;

  template <typename ConvOp>
  DirectConv2d(const ConvOp& op, const Shape& x, const Shape& kernel, const Shape& y)
      : N(x[0]),
        H(x[1]),
        W(x[2]),
        C(x[3]),
        R(kernel[0]),
        S(kernel[1]),
        P(y[1]),
        Q(y[2]),
        K(y[3]),
        stride(op.stride),
        padding(op.padding),
        dilation(op.dilation) {}

  std::int64_t taps() const { return R * S; }
};

// As many pixels of a result are computed at a time: with two vectors each they fit 16 registers.
inline constexpr std::size_t kGatheredRows = 6;

// What a tap reads for each pixel of a block: offsets in an image, negative outside it.
struct GatheredTap {
  std::int32_t tap;  // r S + s
  std::int32_t from[kGatheredRows];
};
// Pixels of a result: offsets in its image, and their taps, those without any pixel left out.
struct GatheredBlock {
  std::size_t first;
  std::size_t taps;
  std::size_t rows;
  std::int32_t to[kGatheredRows];
};
struct Gathered {
  std::vector<GatheredTap> taps;
  std::vector<GatheredBlock> blocks;
};

// y from x.
Gathered gathered_forward(const DirectConv2d& z);
// dx from dy: pixels of one parity (of one remainder by the stride) have their taps in common. A
// 3 x 3 kernel of stride 2 falls into parts of 4, 2, 2 and 1 taps.
Gathered gathered_data(const DirectConv2d& z);

// A pixel of an image and one of dy that meet in a tap; dy's counted within its chunk.
struct PixelPair {
  std::int32_t x;
  std::int32_t slope;
};
// A tap's pairs: of one image, that of the further ones follow.
struct PixelPairs {
  std::size_t first;
  std::size_t count;
};
// dy's pixels [begin, end) of an image.
struct PixelChunk {
  std::size_t begin;
  std::size_t end;
};
// dW from x and dy, by chunks of at most kChunkPixels, or by several small images at once.
inline constexpr std::int64_t kChunkPixels = 128;
struct PairedPixels {
  std::size_t images;
  std::vector<PixelChunk> chunks;
  std::vector<PixelPairs> taps;  // [chunks][taps]
  std::vector<PixelPair> pairs;
};
PairedPixels paired_pixels(const DirectConv2d& z);

}  // namespace evenkeel::native
