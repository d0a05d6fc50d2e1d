// SPDX-License-Identifier: Apache-2.0
// Graphs with something left out, for looking at what the rest computes.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// The network as it predicts: every dropout is its input.
Graph without_dropout(const Graph& network);

// The same nodes under the same ids, but no updates, guards, checks or outputs: a run changes no
// state, and computes what is then asked for as an output, up to the last of it.
Graph without_effects(const Graph& graph);

}  // namespace evenkeel
