// SPDX-License-Identifier: Apache-2.0
// Batch renormalisation as small ops; lower_batch_norm calls it.
#pragma once

#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// y by the statistics of a batch, corrected towards the moving ones: RenormRule has the formula.
// Adds the guards on the batch's and the updates of the moving ones.
Value training_renorm(Graph& to, const Node& node, const BatchNorm& layer, const RenormRule& renorm,
                      const std::vector<Value>& in);

}  // namespace evenkeel
