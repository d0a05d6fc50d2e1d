// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/training.h"

#include <chrono>

#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/nonfinite.h"
#include "evenkeel/train/step_graph.h"

namespace evenkeel::compare {
namespace {

constexpr Loss kLoss = Loss::softmax_cross_entropy;

Graph fitting(const Study& study, const Run& run, const Dataset& data) {
  const Model model(network_of(study, study.alternatives.at(run.alternative), data));
  require_fitting(model, kLoss, data);
  return model.graph();
}

Optimizer optimizer_of(const Study& study, const Run& run) {
  return compare::optimizer_of(study, study.learning_rates.at(run.learning_rate));
}

AddStep add_step_of(const Study& study, const Run& run, const ChangeStep& change) {
  return [optimizer = optimizer_of(study, run), change](const Graph& network) {
    const Graph step = add_training_step(network, kLoss, optimizer);
    return change ? change(step) : step;
  };
}

}  // namespace

Training::Training(const Study& study, const Run& run, const Dataset& data,
                   const ChangeStep& change)
    : data_(data),
      machine_{study.threads, usable_kernels(study.kernels)},
      passes_{.math = parse_math(study.math).value_or(Math::fast)},
      network_(fitting(study, run, data)),
      state_(add_step_of(study, run, change)(to_training(network_)), run.seed),
      executor_(compile_training_step(network_, add_step_of(study, run, change),
                                      {study.batch, machine_, passes_}),
                state_),
      sampler_(data.size(), study.batch, {.seed = run.seed}),
      indices_(static_cast<std::size_t>(study.batch)),
      learning_rate_(study.learning_rates.at(run.learning_rate)),
      seed_(run.seed) {}

std::optional<Training::Step> Training::step() {
  const auto start = std::chrono::steady_clock::now();
  sampler_.indices(completed_, indices_);
  feed(executor_, data_, indices_);
  executor_.input_as<double>("learning_rate")[0] = learning_rate_;
  if (has_input(executor_, "step")) executor_.input_as<std::int64_t>("step")[0] = completed_;
  if (has_input(executor_, "seed"))
    executor_.input_as<std::int64_t>("seed")[0] = static_cast<std::int64_t>(seed_);
  const RunResult result = executor_.run();
  if (result.ok()) {
    ++completed_;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    return Step{seconds.count(), static_cast<double>(executor_.output_as<float>("loss")[0])};
  }
  state_lost_ = result.status == RunResult::Status::gradient_not_finite;
  divergence_.step = completed_ + 1;
  divergence_.layer =
      state_lost_
          ? std::string(layer_of(result.what))
          : first_nonfinite(network_, kLoss, state_, machine_, labels_of(data_), executor_).layer;
  return std::nullopt;
}

}  // namespace evenkeel::compare
