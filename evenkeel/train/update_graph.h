// SPDX-License-Identifier: Apache-2.0
// Optimisers as graph ops: from gradients to updates.
#pragma once

#include <vector>

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel {

// Adds inputs "learning_rate" f64[] and, where the rule needs it, "step" i64[]; slots
// "state/<optimizer>/<slot>/<parameter>"; the parameters' own penalties, ahead of clipping, and
// their bounds, behind the update; clipping; the updates of all parameters and slots; the
// check that all gradients were finite.
void add_updates(Graph& graph, const Optimizer& optimizer, const std::vector<Value>& parameters,
                 const std::vector<Value>& gradients);

}  // namespace evenkeel
