// SPDX-License-Identifier: Apache-2.0
// Bias, sum and activation into what feeds them.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// conv2d|matmul -> bias_add -> relu, batch_norm_apply -> add -> relu (all but the first optional),
// and add -> relu|relu_grad, each with a single reader, become one fused op.
Graph fuse_epilogues(const Graph& graph);

}  // namespace evenkeel
