// SPDX-License-Identifier: Apache-2.0
// 3 x 3 convolutions by Winograd's minimal algorithms.
#pragma once

#include "evenkeel/compile/fft_convolutions.h"

namespace evenkeel {

// A 3 x 3 convolution of stride 1, or a gradient of one, becomes a product of transformed tiles
// where that is less work and kernels of our own take it. Numbers change by rounding: by that of a
// direct sum in f32 with Math::strict, a few times as much with Math::fast.
Graph winograd_convolutions(const Graph& graph, std::int64_t batch, const Machine& machine,
                            Math math);

// The tile's size, or 0 where a direct convolution, or one by its spectra, is less work: by counts
// of operations, weighted by what they cost on the machines it was measured on.
std::int64_t winograd_tile(const PlainConvolution& conv, std::int64_t batch, Math math);

}  // namespace evenkeel
