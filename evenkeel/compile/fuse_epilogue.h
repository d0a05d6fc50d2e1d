// SPDX-License-Identifier: Apache-2.0
// Bias and activation into the convolution or matmul that feeds them.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// conv2d|matmul -> bias_add -> relu, each with a single reader, becomes one fused op (relu
// optional).
Graph fuse_epilogues(const Graph& graph);

}  // namespace evenkeel
