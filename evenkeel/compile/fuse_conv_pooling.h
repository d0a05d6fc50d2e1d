// SPDX-License-Identifier: Apache-2.0
// Pooling in the epilogue of the convolution before it.
#pragma once

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {

// max_pool2d behind a convolution, with what is fused into it already, becomes the last op of its
// epilogue, where nothing else reads the map, native kernels are wanted and have one, and images
// have few channels: with many, a matrix product and a pass over its result are faster.
Graph fuse_conv_pooling(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
