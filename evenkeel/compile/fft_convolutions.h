// SPDX-License-Identifier: Apache-2.0
// Large kernels by way of the frequencies.
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// A convolution of stride 1, or a gradient of one, becomes transforms and a product of spectra
// where that is less work and kernels of our own take them. The spectra of x, dy and W are values
// of the graph, so that sharing common subexpressions makes each once. Numbers change by rounding:
// the error is that of a direct sum in f32. Maps larger than the largest field go by tiles.
Graph fft_convolutions(const Graph& graph, std::int64_t batch, const Machine& machine);

// A convolution of stride 1 and dilation 1 without groups.
struct PlainConvolution {
  std::int64_t H, W, C, P, Q, K, R, S;
  Padding4 padding;
};
// Fields of size x size, 0 where a direct convolution is less work; over a map that fits none as
// many `tiles`, each of which makes `step` of y's pixels.
struct FftFields {
  std::int64_t size = 0;
  Pair tiles = {1, 1};
  Pair step = {0, 0};
  bool tiled() const { return tiles != Pair{1, 1}; }
};
// By counts of operations, in which one of a transform costs as much as three of a product.
FftFields fft_fields(const PlainConvolution& conv, std::int64_t batch);

}  // namespace evenkeel
