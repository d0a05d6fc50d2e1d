// SPDX-License-Identifier: Apache-2.0
// Reverse-mode differentiation, graph to graph: each op's rule adds ordinary ops.
#pragma once

#include <vector>

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Adds to `graph` the gradients of `loss` ([], f32 or f64) by each of `values`, in their order. A
// value that the loss does not depend on gets zeros. InvalidArgument where the way leads through an
// op without a gradient, naming its node.
EVENKEEL_API std::vector<Value> gradients(Graph& graph, Value loss,
                                          const std::vector<Value>& values);

}  // namespace evenkeel
