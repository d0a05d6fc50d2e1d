// SPDX-License-Identifier: Apache-2.0
// From a model to a plan: the order of all passes, on one screen in pipeline.cpp.
#pragma once

#include <functional>
#include <memory>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/compile/pass.h"

namespace evenkeel {

struct CompileOptions {
  std::int64_t batch = 1;
  Machine machine = {};
  PassOptions passes = {};
};

// Adds to a graph what makes it a step: loss, gradients, updates. Gets the network with batch
// statistics.
using AddStep = std::function<Graph(const Graph&)>;

// A whole training step of `model`. InvalidArgument names the layer where a batch of this size
// leaves one value per channel.
EVENKEEL_API std::shared_ptr<const Plan> compile_training_step(const Graph& model,
                                                               const AddStep& add_step,
                                                               const CompileOptions& options);

// `model` with moving statistics; "fold_batch_norm" may be disabled. Weights as
// PassOptions::weights says.
EVENKEEL_API std::shared_ptr<const Plan> compile_inference(const Graph& model,
                                                           const CompileOptions& options);

// The part after the modes, for a graph that is built by hand at the training or inference level.
EVENKEEL_API std::shared_ptr<const Plan> compile_graph(const Graph& graph, Level level,
                                                       const CompileOptions& options);

}  // namespace evenkeel
