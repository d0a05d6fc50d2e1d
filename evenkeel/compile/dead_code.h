// SPDX-License-Identifier: Apache-2.0
// Removes what nobody reads.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Keeps what outputs, updates, guards and checks depend on, and all inputs; in the old order.
Graph remove_dead_code(const Graph& graph);

}  // namespace evenkeel
