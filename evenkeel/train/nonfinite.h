// SPDX-License-Identifier: Apache-2.0
// Finds where a value that is not finite came from.
#pragma once

#include <string>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {

// Runs the forward pass once more on the inputs of `failed`, keeps every value, and names the layer
// of the first one that is not finite: a parameter that is not already counts as its layer.
std::string first_nonfinite_layer(const Graph& network, Loss loss, StateStore& state,
                                  const Machine& machine, Labels labels, Executor& failed);

}  // namespace evenkeel
