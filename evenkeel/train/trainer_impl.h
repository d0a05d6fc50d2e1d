// SPDX-License-Identifier: Apache-2.0
// What a trainer is made of. trainer_impl.cpp: its making, evaluation, checkpoints;
// trainer_fit.cpp: its steps.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evenkeel/data/batches.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/evaluator.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/predicting.h"
#include "evenkeel/train/soft_targets.h"
#include "evenkeel/train/step_graph.h"
#include "evenkeel/train/trainer.h"
#include "evenkeel/train/weight_averaging.h"

namespace evenkeel {

// Which plan a batch of a step gets.
struct StepPlan {
  std::int64_t batch = 0;
  Labels labels = Labels::classes;
  StepPart part = {};
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the compared 0 for a pointer
  friend auto operator<=>(const StepPlan&, const StepPlan&) = default;
};

class Trainer::Impl {
 public:
  Impl(Model model, Loss loss, const Optimizer& optimizer, const TrainerOptions& options);

  bool fit(Trainer& self, const Dataset& data, const FitOptions& options);
  Executor& executor(const StepPlan& wanted);
  // What a training step is fed with for labels of such a kind.
  Labels fed(Labels labels) const {
    return soft_.any() && labels == Labels::classes ? Labels::softened : labels;
  }
  // Beside images and labels: all that the next step has, but for a rate.
  void feed_step(Executor& executor) const;
  // The batches that the images of an update come in.
  std::int64_t parts_of(std::int64_t images) const {
    return images == fitted_images_ ? fitted_images_ / fitted_batch_ : 1;
  }
  Evaluator& evaluator() {
    if (!evaluator_) evaluator_.emplace(network_, loss_, state_, machine_, passes_, workspace_);
    return *evaluator_;
  }
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options);
  Recalibration recalibrate(const Dataset& data, RecalibrateOptions options);
  Checkpoint about() const;
  void restore(Checkpoint checkpoint, const std::filesystem::path& path);
  void require_usable() const {
    if (broken_)
      throw RuntimeFailure("trainer",
                           "a gradient was not finite and the state is lost; restore a checkpoint");
  }

  Model model_;
  TrainerOptions options_;
  Loss loss_;
  Optimizer optimizer_;
  SoftTargets soft_;
  Machine machine_;
  PassOptions passes_;
  Graph network_;
  std::int64_t fewest_weighted_ = fewest_weighted(network_);  // of a batch
  StateStore state_;
  // Of all executors. With room for a gradient that a step has no need to keep.
  std::shared_ptr<Workspace> workspace_ = std::make_shared<Workspace>(std::size_t{64} << 20);
  WeightAveraging averaging_;
  PredictingTensors predicting_;
  std::map<std::string, std::string> notes_;
  std::int64_t step_ = 0;
  bool profiling_ = false;
  bool stop_ = false;  // asked for by a callback
  StepPlan last_plan_ = {};
  std::map<StepPlan, Executor> executors_;

 private:
  // Where the run stands.
  BatchEvent place(std::int64_t epochs, std::int64_t batches) const;
  struct Feeding;
  BatchSampler sampler(const Dataset& data, const FitOptions& options);
  BatchEvent next_step(Feeding& feeding, std::int64_t epochs, std::int64_t batches);
  void run_part(Executor& executor, Feeding& feeding, std::int64_t part, double learning_rate);
  [[noreturn]] void fail(const RunResult& result, const std::string& step, Labels labels,
                         Executor& executor);
  double loss_of(const Executor& executor) const {
    if (options_.precision == Precision::f64) return executor.output_as<double>("loss")[0];
    return static_cast<double>(executor.output_as<float>("loss")[0]);
  }

  std::optional<Evaluator> evaluator_;
  std::int64_t fitted_batch_ = 0;
  std::int64_t fitted_images_ = 0;  // of an update: of all micro-batches
  bool broken_ = false;
};

}  // namespace evenkeel
