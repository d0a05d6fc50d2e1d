// A network's graph grown into a whole training step, or an evaluation.
#pragma once

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel {

// Adds to a network with batch statistics: inputs "labels" i32[N], "learning_rate" f64[], "step"
// i64[]; the loss, its gradients by all parameters, their updates with slots
// "state/adam/m|v/<parameter>"; the guard on the loss; outputs "loss" [] and "correct" i32[].
EVENKEEL_API Graph add_training_step(const Graph& network, Loss loss, const Adam& adam);

// Adds input "labels" and outputs "losses" [N], "correct" i32[N], "probabilities" [N,K].
EVENKEEL_API Graph add_evaluation(const Graph& network, Loss loss);

}  // namespace evenkeel
