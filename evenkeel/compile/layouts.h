// SPDX-License-Identifier: Apache-2.0
// Gives every kernel the layouts that it wants.
#pragma once

#include "evenkeel/compile/assignment.h"

namespace evenkeel {

// Puts a reorder before each input whose layout is not what the node's kernel needs, marks the
// layouts that kernels make, and reorders those back to dense for everybody else.
Graph insert_reorders(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
