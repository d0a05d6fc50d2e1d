// SPDX-License-Identifier: Apache-2.0
// Batch norm in inference, into the layer before it.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// channel_affine after conv2d|matmul(+ bias) scales its kernel's columns and maps its bias. Not
// before one: a padded convolution would not be the same, and a matmul of inputs that are not
// centred any more cancels where |mean| >> deviation.
Graph fold_batch_norm(const Graph& graph);

}  // namespace evenkeel
