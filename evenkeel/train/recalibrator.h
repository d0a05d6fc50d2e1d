// SPDX-License-Identifier: Apache-2.0
// What Trainer::recalibrate runs.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "evenkeel/base/tensor.h"
#include "evenkeel/compile/assignment.h"
#include "evenkeel/compile/pass.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/runtime/state_store.h"
#include "evenkeel/runtime/workspace.h"
#include "evenkeel/train/recalibrate.h"

namespace evenkeel {

// `network` and `state` must outlive it.
class Recalibrator {
 public:
  Recalibrator(const Graph& network, StateStore& state, const Machine& machine,
               const PassOptions& passes, std::shared_ptr<Workspace> workspace = nullptr);
  ~Recalibrator();
  Recalibrator(Recalibrator&&) noexcept;

  // Of the state as it is, which is not changed; options with every field given. InvalidArgument
  // for no images or one value per channel, RuntimeFailure naming layer and channel for statistics
  // that are not finite. `before` are what predictions have in place of the state's.
  Recalibration measure(const Dataset& data, const RecalibrateOptions& options,
                        const std::map<std::string, Tensor>& before = {});

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Those statistics as state tensors: "<layer>/moving_mean", "<layer>/moving_variance", and
// updates_seen no lower than where an update weighs no more than any later one.
std::map<std::string, Tensor> state_tensors(const Recalibration& recalibration,
                                            const Graph& network, const StateStore& state);

}  // namespace evenkeel
