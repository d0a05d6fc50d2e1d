// SPDX-License-Identifier: Apache-2.0
// Finds where a value that is not finite came from.
#pragma once

#include <string>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {

struct NonFinite {
  std::string layer;
  std::string what;  // "its output has inf in channel 3"
};

// Runs the forward pass once more on the inputs of `failed`, keeps every value, and tells of the
// first one that is not finite: a parameter that is not already counts as its layer. Of a batch
// norm it is the first channel without finite statistics, with the values that it had.
NonFinite first_nonfinite(const Graph& network, Loss loss, StateStore& state,
                          const Machine& machine, Labels labels, Executor& failed);

}  // namespace evenkeel
