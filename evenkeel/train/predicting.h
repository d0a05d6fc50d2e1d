// SPDX-License-Identifier: Apache-2.0
// The tensors that a trainer predicts with, where they are not those of its training: averaged
// weights, and statistics of batch norm recalibrated for the weights that predict.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "evenkeel/train/evaluation.h"
#include "evenkeel/train/recalibrator.h"
#include "evenkeel/train/weight_averaging.h"

namespace evenkeel {

using StateTensors = std::map<std::string, Tensor>;

// Puts tensors into a state; when it ends the state has its own again, and `version` is the
// state's.
class LentState {
 public:
  LentState(StateStore& state, const StateTensors& tensors, std::uint64_t& version);
  ~LentState();
  LentState(const LentState&) = delete;
  LentState& operator=(const LentState&) = delete;

 private:
  StateStore& state_;
  StateTensors own_;
  std::uint64_t& version_;
};

// Computes recalibrated statistics at most once for a state; `network`, `state` and `averaging`
// must outlive it.
class PredictingTensors {
 public:
  // InvalidArgument for `chosen` statistics that make no sense, that the network does not have, or
  // that do not go with averaged weights.
  PredictingTensors(const Graph& network, StateStore& state, const WeightAveraging& averaging,
                    const Machine& machine, const PassOptions& passes, const Statistics& chosen,
                    std::uint64_t seed, std::shared_ptr<Workspace> workspace);

  // Where images come from unless Recalibrated has some, and how many make a batch.
  void train_on(const Dataset& data, std::int64_t batch);
  // What a checkpoint had, computed by `how`: good as long as the state is as restored.
  void restored(StateTensors tensors, const Statistics& how);

  // The tensors that stand in the place of the state's; none for moving statistics and no averages.
  // InvalidArgument where there are no images to compute them over, or for moving statistics of
  // averaged weights.
  const StateTensors& now(const Statistics& statistics);
  // Those of the trainer's choice; of a network that nothing has trained, and without images, none.
  const StateTensors& to_save();
  // The state has them while the result lives.
  std::unique_ptr<LentState> lend(const Statistics& statistics);
  // The state has them for good. Every field of `options` is given.
  Recalibration replace(const Dataset& data, const RecalibrateOptions& options);

 private:
  const Dataset& images_of(const Recalibrated& wanted) const {
    return wanted.data.size() > 0 ? wanted.data : trained_on_;
  }
  bool is_fresh(const Recalibrated& wanted) const;
  bool never_updated() const;
  StateTensors weights_in(const StateTensors& tensors) const;
  Recalibrator& recalibrator();
  const StateTensors& averages_alone();
  // Of the weights that predict, and those where they are averages.
  StateTensors measured(const Dataset& data, const RecalibrateOptions& options);
  // What tensors_ are from here on: of the state as it is, of so many images of `source`.
  void keep(StateTensors tensors, std::int64_t images, const Dataset& source);

  const Graph& network_;
  StateStore& state_;
  const WeightAveraging& averaging_;
  Machine machine_;
  PassOptions passes_;
  std::shared_ptr<Workspace> workspace_;
  Statistics chosen_;
  RecalibrateOptions options_;
  Dataset trained_on_;
  std::optional<Recalibrator> recalibrator_;
  const StateTensors none_;
  StateTensors tensors_;
  std::uint64_t version_ = 0;  // of the state that tensors_ are of
  std::int64_t images_ = 0;    // asked for
  Dataset source_;             // of these; none: not known, any will do
};

}  // namespace evenkeel
