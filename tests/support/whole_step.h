// SPDX-License-Identifier: Apache-2.0
// One training step of a whole network: as it is compiled in f32, and the same in f64 by the
// reference kernels, on one state and one batch.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/model/model.h"
#include "evenkeel/runtime/state_store.h"
#include "tests/support/decisions.h"
#include "tests/support/gradient_check.h"

namespace evenkeel::test {

struct WholeStep {
  Model model;
  CompileOptions options;
  Tensor images;  // u8[N,H,W,C]
  Tensor labels;  // i32[N]
  StateStore state;
};
// Noise in all images, but for a blank lower half of every second one, where windows are exact
// ties; gamma, beta and biases away from where they begin.
WholeStep drawn_step(const Model& model, const CompileOptions& options, Draw& draw);

enum class Look { at_gradients, at_decisions_too };
struct CompiledStep {
  NamedTensors gradients;            // f32, by parameter
  NamedTensors decisions;            // by decider
  std::vector<std::string> kernels;  // all that the plan calls, sorted
};
// After all passes: what is looked at is Adam's m, so that no gradient is an output of the graph.
CompiledStep run_compiled(const WholeStep& step, Look look);

struct ExactStep {
  NamedTensors gradients;   // f64, by parameter
  NamedTensors decided_on;  // by decider: x
};
// Follows the decisions.
ExactStep run_exact(const WholeStep& step, const NamedTensors& decisions);

// Of the network with batch statistics, as both sides have it.
std::vector<Decider> deciders_of(const Model& model);

}  // namespace evenkeel::test
