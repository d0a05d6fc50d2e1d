// SPDX-License-Identifier: Apache-2.0
// Bias and ReLU into the max-pool that reads them.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// max_pool2d(relu(bias_add(x))), either of the two optional and each with a single reader, becomes
// one fused op that pools x first: the maximum commutes with both, and a quarter of the values is
// left to do. Not of a convolution's, matmul's or inverse transform's x, whose own epilogue they
// are, nor where the argmax is read of windows that ReLU makes equal.
Graph fuse_pooling(const Graph& graph);

}  // namespace evenkeel
