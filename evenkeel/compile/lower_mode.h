// The only passes that remove mode-less ops: which graph is built decides the mode.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Batch statistics: batch_norm -> channel_moments, batch_norm_apply, and the update of its moving
// statistics and updates_seen. The moments join the guard.
EVENKEEL_API Graph to_training(const Graph& graph);

// Moving statistics: batch_norm -> batch_norm_coefficients, channel_affine.
EVENKEEL_API Graph to_inference(const Graph& graph);

}  // namespace evenkeel
