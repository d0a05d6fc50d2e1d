// SPDX-License-Identifier: Apache-2.0
// The gradients that a training step would have, for looking at: nothing is updated.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/compile/pipeline.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel {

// The tensor is good until it returns: its memory is then used again.
using SeeTensor = std::function<void(const std::string& name, const TensorView& tensor)>;

// Of the loss alone, by every state of `network` that trains: one batch, forward and backward with
// batch statistics and dropout; no penalties, no clipping.
class EVENKEEL_API GradientProbe {
 public:
  GradientProbe(const Graph& network, Loss loss, Labels labels, CompileOptions options);

  // Fills a plan's inputs. False: there is no such batch.
  using Feed = std::function<bool(Executor&)>;

  // In the network's order. Computes in the memory that the workspace's plans occupy: where all
  // gradients at once would need more than that, and than a few MB, in several runs over some of
  // them each; more only where a single one needs it. False, and the rest is not seen, where the
  // loss is not finite or `feed` says so.
  bool run(StateStore& state, const std::shared_ptr<Workspace>& workspace, const Feed& feed,
           const SeeTensor& see) const;

 private:
  struct Run;
  std::shared_ptr<const Plan> plan_of(std::span<const Value> parameters) const;
  bool run_over(std::span<const Value> parameters, const Run& run) const;
  bool run_plan(const std::shared_ptr<const Plan>& plan, std::span<const Value> parameters,
                const Run& run) const;

  Graph step_;
  std::vector<Value> parameters_;
  CompileOptions options_;
};

}  // namespace evenkeel
