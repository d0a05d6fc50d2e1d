// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/trainer_impl.h"

#include "evenkeel/base/float_mode.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/kernels/kernel.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/statistics.h"

namespace evenkeel {
namespace {

int threads_of(int threads) {
  if (threads < 0)
    throw InvalidArgument(
        "threads", "expected at least 1, or 0 for one a core, got " + std::to_string(threads));
  return threads > 0 ? threads : default_threads();
}

Graph network_of(const Model& model, Precision precision) {
  return precision == Precision::f64 ? with_float(model.graph(), DType::f64) : model.graph();
}

const Optimizer& checked(const Optimizer& optimizer) {
  require_valid(optimizer);
  return optimizer;
}

SoftTargets soft_targets_of(const TrainerOptions& options, const Model& model, Loss loss) {
  SoftTargets soft{options.label_smoothing, options.class_weights};
  require_valid(soft, loss, model.classes());
  return soft;
}

}  // namespace

Trainer::Impl::Impl(Model model, Loss loss, const Optimizer& optimizer,
                    const TrainerOptions& options)
    : model_(std::move(model)),
      options_(options),
      loss_(loss),
      optimizer_(checked(optimizer)),
      soft_(soft_targets_of(options, model_, loss)),
      machine_{threads_of(options.threads), usable_kernels(options.kernels)},
      passes_{{options.disabled_passes.begin(), options.disabled_passes.end()},
              options.dump_directory,
              options.math},
      network_(network_of(model_, options.precision)),
      state_(add_training_step(to_training(network_), loss, optimizer), options.seed),
      averaging_(network_, options.average, state_, machine_, passes_, workspace_),
      predicting_(network_, state_, averaging_, machine_, passes_, options.statistics, options.seed,
                  workspace_) {}

Evaluation Trainer::Impl::evaluate(const Dataset& data, const EvaluateOptions& options) {
  const DefaultFloatMode mode;
  require_usable();
  require_fitting(model_, loss_, data);
  const auto own = predicting_.lend(options.statistics.value_or(options_.statistics));
  return evaluator().evaluate(data, options);
}

Recalibration Trainer::Impl::recalibrate(const Dataset& data, RecalibrateOptions options) {
  require_usable();
  require_fitting(model_, loss_, data);
  if (options.batch_size == 0) options.batch_size = fitted_batch_ > 0 ? fitted_batch_ : 128;
  if (!options.seed) options.seed = options_.seed;
  return predicting_.replace(data, options);
}

Checkpoint Trainer::Impl::about() const {
  Checkpoint checkpoint;
  checkpoint.network = model_.graph();
  checkpoint.settings = {options_.seed,      options_.precision == Precision::f64 ? "f64" : "f32",
                         options_.kernels,   loss_,
                         optimizer_,         options_.schedule,
                         options_.statistics};
  checkpoint.settings.label_smoothing = options_.label_smoothing;
  checkpoint.settings.class_weights = options_.class_weights;
  checkpoint.settings.average = options_.average;
  checkpoint.environment = numeric_environment(machine_.threads);
  checkpoint.notes = notes_;
  checkpoint.step = step_;
  return checkpoint;
}

void Trainer::Impl::restore(Checkpoint checkpoint, const std::filesystem::path& path) {
  averaging_.require_restorable(checkpoint, path.string());
  require_restorable(checkpoint, network_, state_, path.string());
  if (!(without_freezing(checkpoint.network) == without_freezing(model_.graph())))
    throw DataError(path.string(),
                    "is of another network: its tensors have the same shapes, but "
                    "its layers have other settings; compare `summary` of both");
  restore_state(checkpoint, network_, state_, path.string());
  averaging_.restored(checkpoint);
  predicting_.restored(predicting_tensors(checkpoint), checkpoint.settings.statistics);
  step_ = checkpoint.step;
  notes_ = std::move(checkpoint.notes);
  broken_ = false;
  const NumericEnvironment now = numeric_environment(machine_.threads);
  if (options_.log && checkpoint.environment != now)
    options_.log(Severity::warning,
                 path.string() + " was written by evenkeel " + checkpoint.environment.version +
                     " with " + std::to_string(checkpoint.environment.threads) + " threads, " +
                     checkpoint.environment.instruction_set + ", oneDNN " +
                     checkpoint.environment.onednn + "; here it is " + now.version + ", " +
                     std::to_string(now.threads) + " threads, " + now.instruction_set +
                     ", oneDNN " + now.onednn + ": the run goes on, its bytes may differ");
}

}  // namespace evenkeel
