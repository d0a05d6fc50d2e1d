// SPDX-License-Identifier: Apache-2.0
// ReLU's mask into the gradient of the batch norm before it.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// batch_norm_grad_sums and batch_norm_grad_apply of relu_grad(dy, relu(batch_norm_apply(x, ..)))
// become rectified: they read dy and make the mask again from x, which they read anyway, where
// nothing else reads the masked gradient. Neither it nor, for their sake, ReLU's y is in memory.
Graph rectify_gradients(const Graph& graph);

}  // namespace evenkeel
