// SPDX-License-Identifier: Apache-2.0
// Training step by step, with the state in the open for those who measure: the steps are Trainer's.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "evenkeel/compile/assignment.h"
#include "evenkeel/compile/pass.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/study/compare/record.h"
#include "evenkeel/study/compare/study.h"

namespace evenkeel::compare {

// Changes the whole step's graph before it is compiled; it must not change what is computed for the
// states that are there.
using ChangeStep = std::function<Graph(const Graph&)>;

class Training {
 public:
  // `data` must outlive it. InvalidArgument where data and network do not fit.
  Training(const Study& study, const Run& run, const Dataset& data, const ChangeStep& change = {});
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  // One step, with its time and its batch's loss; empty where it met a value that is not finite,
  // which ends the training.
  struct Step {
    double seconds = 0;
    double loss = 0;
  };
  std::optional<Step> step();

  std::uint64_t seed() const { return seed_; }
  std::int64_t completed() const { return completed_; }
  const Graph& network() const { return network_; }
  StateStore& state() { return state_; }
  const Machine& machine() const { return machine_; }
  // After a step() that gave nothing.
  const Divergence& divergence() const { return divergence_; }
  // A gradient was not finite: the state is lost.
  bool state_lost() const { return state_lost_; }

 private:
  const Dataset& data_;
  Machine machine_;
  PassOptions passes_;
  Graph network_;
  StateStore state_;
  Executor executor_;
  BatchSampler sampler_;
  std::vector<std::int64_t> indices_;
  double learning_rate_;
  std::uint64_t seed_;
  std::int64_t completed_ = 0;
  Divergence divergence_;
  bool state_lost_ = false;
};

}  // namespace evenkeel::compare
