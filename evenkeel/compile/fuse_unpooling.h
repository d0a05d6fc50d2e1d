// SPDX-License-Identifier: Apache-2.0
// Convolutions' gradients through max-pooling in one sweep, spectra of them too.
#pragma once

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {

// conv2d_grad_kernel(x, max_pool2d_grad(dy, argmax)) -> unpooled_conv2d_grad_kernel(x, dy, argmax),
// where nothing else reads the unpooled gradient, native kernels are wanted and have one, and x has
// few channels, as images do: with many, a matrix product of the unpooled map is faster. Likewise
// fft2d(max_pool2d_grad(dy, argmax)) -> unpooled_fft2d(dy, argmax), of any number of channels.
Graph fuse_unpooling(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
