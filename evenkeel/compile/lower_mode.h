// SPDX-License-Identifier: Apache-2.0
// The only passes that remove mode-less ops: which graph is built decides the mode.
#pragma once

#include "evenkeel/graph/graph.h"

namespace evenkeel {

// Batch statistics: batch_norm -> channel_moments, batch_norm_apply, and the update of its moving
// statistics and updates_seen; ghost, renorm and weights by further small ops. The moments join the
// guard. A frozen one is as in inference. dropout -> dropout_apply, with the inputs "seed" i64[],
// "step" i64[] and "samples" i64[N] (which image of the data set each is).
EVENKEEL_API Graph to_training(const Graph& graph);

// Moving statistics: batch_norm -> batch_norm_coefficients, channel_affine. dropout goes, and so
// does the input of the samples' weights where nothing else reads it.
EVENKEEL_API Graph to_inference(const Graph& graph);

}  // namespace evenkeel
