// SPDX-License-Identifier: Apache-2.0
// A network's graph grown into a whole training step, or an evaluation.
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

#include "evenkeel/graph/graph.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"

namespace evenkeel {

// What input "labels" holds: classes i32[N], or targets [N,K] of the network's dtype. softened, of
// training alone: classes, which "correct" counts, and in "labels/targets" [N,K] what the loss is
// of (train/soft_targets.h).
enum class Labels { classes, targets, softened };

// Which micro-batch of a step a graph is of, where the gradients of several are averaged. What the
// ones before have gathered is in states "state/accumulated/<parameter>", good within a step alone.
struct StepPart {
  enum class Place { only, first, middle, last };
  Place place = Place::only;
  std::int64_t parts = 1;  // of the step
  bool updates() const { return place == Place::only || place == Place::last; }
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the compared 0 for a pointer
  friend auto operator<=>(const StepPart&, const StepPart&) = default;
};
inline constexpr std::string_view kAccumulated = "state/accumulated/";

// Adds to a network with batch statistics: inputs "labels" and "learning_rate" f64[] (and "step"
// i64[] where the optimiser needs it); the loss, its gradients by all parameters, their
// updates with slots "state/<optimizer>/<slot>/<parameter>"; the guard on the loss; outputs "loss"
// [] and "correct" i32[]. Of a step's part that is not the last: what is updated are accumulated
// gradients and moving statistics alone, without an optimiser's inputs. InvalidArgument where the
// network ends with what the loss has in itself: softmax before softmax_cross_entropy, sigmoid
// before sigmoid_cross_entropy.
EVENKEEL_API Graph add_training_step(const Graph& network, Loss loss, const Optimizer& optimizer,
                                     Labels labels = Labels::classes, const StepPart& part = {});

// Adds input "labels" and outputs "losses" [N], "correct" i32[N], "probabilities" [N,K] (softmax or
// sigmoid of the logits, or for mean_squared_error the logits themselves), and where top_k > 0
// "in_top_k" i32[N].
EVENKEEL_API Graph add_evaluation(const Graph& network, Loss loss, Labels labels = Labels::classes,
                                  std::int64_t top_k = 0);

// Adds the output "probabilities" alone: for prediction, where there are no labels.
EVENKEEL_API Graph add_prediction(const Graph& network, Loss loss);

}  // namespace evenkeel
