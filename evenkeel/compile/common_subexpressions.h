// SPDX-License-Identifier: Apache-2.0
// Computes equal things once.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Nodes with equal op and equal inputs become one (State and Input are never equal to another).
Graph share_common_subexpressions(const Graph& graph);

}  // namespace evenkeel
