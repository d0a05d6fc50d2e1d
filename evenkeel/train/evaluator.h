// SPDX-License-Identifier: Apache-2.0
// What Trainer::evaluate runs.
#pragma once

#include <memory>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/runtime/workspace.h"
#include "evenkeel/train/evaluation.h"
#include "evenkeel/train/loss.h"

namespace evenkeel {

// A network in inference; `network` and `state` must outlive it. Batch norm is folded into its
// neighbours where that is exact, and where random probes give the same logits within 1e-5 (of the
// largest) with and without; else it is not folded.
class Evaluator {
 public:
  Evaluator(const Graph& network, Loss loss, StateStore& state, const Machine& machine,
            const PassOptions& passes, std::shared_ptr<Workspace> workspace = nullptr);
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;

  // In slices of 128 images, the last one padded: the numbers don't depend on how images are
  // grouped.
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {});
  // Whether the last probes allowed folding, and how far the logits were apart.
  bool folded() const;
  double probe_difference() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
