// SPDX-License-Identifier: Apache-2.0
// A network's graph grown into a whole training step, or an evaluation.
#pragma once

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel {

// What input "labels" holds: classes i32[N], or targets [N,K] of the network's dtype.
enum class Labels { classes, targets };

// Adds to a network with batch statistics: inputs "labels" and "learning_rate" f64[] (and "step"
// i64[] where the optimiser needs it); the loss, its gradients by all parameters, their updates
// with slots "state/<optimizer>/<slot>/<parameter>"; the guard on the loss; outputs "loss" [] and
// "correct" i32[]. InvalidArgument where the network ends with what the loss has in itself: softmax
// before softmax_cross_entropy, sigmoid before sigmoid_cross_entropy.
EVENKEEL_API Graph add_training_step(const Graph& network, Loss loss, const Optimizer& optimizer,
                                     Labels labels = Labels::classes);

// Adds input "labels" and outputs "losses" [N], "correct" i32[N], "probabilities" [N,K] (softmax or
// sigmoid of the logits, or for mean_squared_error the logits themselves), and where top_k > 0
// "in_top_k" i32[N].
EVENKEEL_API Graph add_evaluation(const Graph& network, Loss loss, Labels labels = Labels::classes,
                                  std::int64_t top_k = 0);

// Adds the output "probabilities" alone: for prediction, where there are no labels.
EVENKEEL_API Graph add_prediction(const Graph& network, Loss loss);

}  // namespace evenkeel
