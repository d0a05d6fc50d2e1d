// SPDX-License-Identifier: Apache-2.0
// Adam on the gradient that a product makes: fused, so that the gradient is no value of the graph
// and never whole. Not where anything else reads it (clipping by norm, an output), nor where no
// native kernel does it.
#pragma once

#include "evenkeel/compile/assignment.h"
#include "evenkeel/graph/graph.h"

namespace evenkeel {

Graph fuse_updates(const Graph& graph, std::int64_t batch, const Machine& machine);

}  // namespace evenkeel
