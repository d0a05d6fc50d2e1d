// SPDX-License-Identifier: Apache-2.0
// Batch norm and all its variants as small ops; lower_mode calls these for each layer.
#pragma once

#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// y by the statistics of a batch, which the node's attribute `batch` says how to take; adds the
// guards on them and the updates of the layer's states.
Value training_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                          const std::vector<Value>& in);

// y by the moving statistics: the same for all variants. Weights are not read.
Value inference_batch_norm(Graph& to, const Node& node, const BatchNorm& layer,
                           const std::vector<Value>& in);

}  // namespace evenkeel
