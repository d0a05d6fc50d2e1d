// SPDX-License-Identifier: Apache-2.0
// Batch norm in inference, into its neighbour, where that is algebraically exact.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// channel_affine after conv2d|matmul(+ bias) scales its kernel's columns; channel_affine before a
// matmul scales its rows and shifts its bias. Not before a padded convolution, where it would not
// be exact.
Graph fold_batch_norm(const Graph& graph);

}  // namespace evenkeel
