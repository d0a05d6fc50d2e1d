// SPDX-License-Identifier: Apache-2.0
// What a graph must satisfy at each level of the pipeline; run after every pass.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// model: as a person writes it, may hold mode-less ops, no updates. training, inference: of a step;
// no mode-less op; inference has no updates, and a training graph updates the moving statistics of
// every batch_norm_apply.
enum class Level { model, training, inference };

// Throws RuntimeFailure (a bug of ours) or InvalidArgument for a model; names the node.
EVENKEEL_API void verify(const Graph& graph, Level level);

}  // namespace evenkeel
