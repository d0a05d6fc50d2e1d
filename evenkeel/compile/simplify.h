// SPDX-License-Identifier: Apache-2.0
// Local rewrites that never change a result.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Removes reshapes to the same shape and chains of reshapes, scaling by one, scale_axis by a
// constant one, and adds two biases in a row beforehand. Changes no value but for the order of that
// bias sum.
Graph simplify(const Graph& graph);

}  // namespace evenkeel
