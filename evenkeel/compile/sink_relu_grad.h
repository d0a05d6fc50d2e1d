// SPDX-License-Identifier: Apache-2.0
// Lets the map before a pooling die.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// relu_grad(max_pool2d_grad(g, argmax), y) with argmax from max_pool2d(y) becomes
// max_pool2d_grad(relu_grad(g, pooled), argmax): the same values (a gradient arrives only where y
// is the pooled value), a quarter of the work, and y need not be kept for the gradient. And
// bias_grad(max_pool2d_grad(g, argmax)) becomes bias_grad(g): each of g goes to one place.
Graph sink_relu_grad(const Graph& graph);

}  // namespace evenkeel
