// SPDX-License-Identifier: Apache-2.0
// Bias, ReLU and pooling in the epilogue of the inverse transform before them.
#pragma once

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {

// inverse_fft2d -> bias_add -> relu -> max_pool2d, any of the last three, each the only reader of
// what is before it, becomes one fused op, as far as native kernels are wanted and have one: a
// pooling by windows other than 2x2 side by side stays behind it.
Graph fuse_inverse_fft(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
