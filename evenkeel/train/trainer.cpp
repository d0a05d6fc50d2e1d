// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/trainer.h"

#include <optional>

#include "evenkeel/base/float_mode.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/compile/worthwhile_threads.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/graph/convert.h"
#include "evenkeel/kernels/kernel.h"
#include "evenkeel/model/freeze.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/evaluator.h"
#include "evenkeel/train/feed.h"
#include "evenkeel/train/kernel_choice.h"
#include "evenkeel/train/nonfinite.h"
#include "evenkeel/train/predicting.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/step_graph.h"

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

}  // namespace

class Trainer::Impl {
 public:
  Impl(Model model, Loss loss, const Optimizer& optimizer, const TrainerOptions& options)
      : model_(std::move(model)),
        options_(options),
        loss_(loss),
        optimizer_(checked(optimizer)),
        machine_{threads_of(options.threads), usable_kernels(options.kernels)},
        passes_{{options.disabled_passes.begin(), options.disabled_passes.end()},
                options.dump_directory,
                options.math},
        network_(network_of(model_, options.precision)),
        state_(add_training_step(to_training(network_), loss, optimizer), options.seed),
        predicting_(network_, state_, machine_, passes_, options.statistics, options.seed,
                    workspace_) {}

  bool fit(Trainer& self, const Dataset& data, const FitOptions& options);
  Executor& executor(std::int64_t batch, Labels labels);
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
  Machine machine_;
  PassOptions passes_;
  Graph network_;
  std::int64_t fewest_weighted_ = fewest_weighted(network_);  // of a batch
  StateStore state_;
  std::shared_ptr<Workspace> workspace_ = std::make_shared<Workspace>();  // of all executors
  PredictingStatistics predicting_;
  std::map<std::string, std::string> notes_;
  std::int64_t step_ = 0;
  bool profiling_ = false;
  std::pair<std::int64_t, Labels> last_plan_ = {};
  std::map<std::pair<std::int64_t, Labels>, Executor> executors_;

 private:
  BatchEvent next_step(const Dataset& data, std::span<const std::int64_t> indices,
                       std::int64_t epochs, std::int64_t batches);
  void train_step(Executor& executor, const Dataset& data, std::span<const std::int64_t> indices,
                  double learning_rate);
  double loss_of(const Executor& executor) const {
    if (options_.precision == Precision::f64) return executor.output_as<double>("loss")[0];
    return static_cast<double>(executor.output_as<float>("loss")[0]);
  }

  std::optional<Evaluator> evaluator_;
  std::int64_t fitted_batch_ = 0;
  bool broken_ = false;
};

Executor& Trainer::Impl::executor(std::int64_t batch, Labels labels) {
  auto found = executors_.find({batch, labels});
  if (found == executors_.end()) {
    if (options_.threads == 0 && executors_.empty())
      machine_.threads = worthwhile_threads(network_, batch, machine_.threads);
    const AddStep add_step = [&](const Graph& network) {
      return add_training_step(network, loss_, optimizer_, labels);
    };
    auto plan = compile_training_step(network_, add_step, {batch, machine_, passes_});
    found =
        executors_.emplace(std::pair(batch, labels), Executor(std::move(plan), state_, workspace_))
            .first;
    if (profiling_) found->second.start_profile();
  }
  last_plan_ = {batch, labels};
  return found->second;
}

void Trainer::Impl::train_step(Executor& executor, const Dataset& data,
                               std::span<const std::int64_t> indices, double learning_rate) {
  feed(executor, data, indices, fewest_weighted_);
  executor.input_as<double>("learning_rate")[0] = learning_rate;
  if (has_input(executor, "step")) executor.input_as<std::int64_t>("step")[0] = step_;
  if (has_input(executor, "seed"))
    executor.input_as<std::int64_t>("seed")[0] = static_cast<std::int64_t>(options_.seed);
  const RunResult result = executor.run();
  if (result.ok()) {
    ++step_;
    return;
  }
  const std::string step = "step " + std::to_string(step_ + 1);
  if (result.status == RunResult::Status::not_finite) {
    const NonFinite found =
        first_nonfinite(network_, loss_, state_, machine_, labels_of(data), executor);
    throw RuntimeFailure(found.layer, "first gave a value that is not finite in " + step + ": " +
                                          found.what + " (seen in '" + result.what +
                                          "'); the state is as before that step; lower the "
                                          "learning rate, or look at the data");
  }
  broken_ = true;
  throw RuntimeFailure(std::string(layer_of(result.what)),
                       "got a gradient that is not finite in " + step +
                           "; restore the last checkpoint and lower the learning rate");
}

BatchEvent Trainer::Impl::next_step(const Dataset& data, std::span<const std::int64_t> indices,
                                    std::int64_t epochs, std::int64_t batches) {
  const DefaultFloatMode mode;  // not of the callbacks, which are the caller's
  const auto batch = static_cast<std::int64_t>(indices.size());
  Executor& executor = this->executor(batch, labels_of(data));
  const double rate = options_.schedule.rate(learning_rate_of(optimizer_), step_, epochs * batches);
  train_step(executor, data, indices, rate);
  BatchEvent event;
  event.epoch = (step_ - 1) / batches + 1;
  event.epochs = epochs;
  event.batch = (step_ - 1) % batches + 1;
  event.batches = batches;
  event.step = step_;
  event.batch_size = batch;
  event.loss = loss_of(executor);
  event.learning_rate = rate;
  event.correct = executor.output_as<std::int32_t>("correct")[0];
  return event;
}

bool Trainer::Impl::fit(Trainer& self, const Dataset& data, const FitOptions& options) {
  require_usable();
  require_fitting(model_, loss_, data);
  require_usable_statistics(network_, state_);
  require_weights(network_, data);
  if (options.epochs < 0)
    throw InvalidArgument("epochs", "expected at least 0, got " + std::to_string(options.epochs));
  BatchSampler sampler(data.size(), options.batch_size, {.seed = options_.seed});
  if (step_ > 0 && fitted_batch_ > 0 && fitted_batch_ != options.batch_size)
    throw InvalidArgument("batch size", "expected " + std::to_string(fitted_batch_) +
                                            " as before, got " +
                                            std::to_string(options.batch_size) +
                                            ": epochs are counted in batches of one size");
  fitted_batch_ = options.batch_size;
  predicting_.train_on(data, options.batch_size);
  const std::int64_t batches = sampler.batches_per_epoch();
  std::vector<std::int64_t> indices(static_cast<std::size_t>(options.batch_size));
  bool stopped = false;
  while (step_ < options.epochs * batches) {
    stopped = options.stop.stop_requested();
    if (stopped) break;
    sampler.indices(step_, indices);
    const BatchEvent event = next_step(data, indices, options.epochs, batches);
    for (const Callback& callback : options.callbacks)
      if (callback.on_batch) callback.on_batch(self, event);
    if (event.batch != batches) continue;
    for (const Callback& callback : options.callbacks)
      if (callback.on_epoch) callback.on_epoch(self, event);
  }
  for (const Callback& callback : options.callbacks)
    if (callback.on_end) callback.on_end(self);
  return !stopped;
}

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
  checkpoint.environment = numeric_environment(machine_.threads);
  checkpoint.notes = notes_;
  checkpoint.step = step_;
  return checkpoint;
}

void Trainer::Impl::restore(Checkpoint checkpoint, const std::filesystem::path& path) {
  require_restorable(checkpoint, network_, state_, path.string());
  if (!(without_freezing(checkpoint.network) == without_freezing(model_.graph())))
    throw DataError(path.string(),
                    "is of another network: its tensors have the same shapes, but "
                    "its layers have other settings; compare `summary` of both");
  restore_state(checkpoint, network_, state_, path.string());
  predicting_.restored(predicting_statistics(checkpoint), checkpoint.settings.statistics);
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

Trainer::Trainer(Model model, Loss loss, const Optimizer& optimizer, const TrainerOptions& options)
    : impl_(std::make_unique<Impl>(std::move(model), loss, optimizer, options)) {}
Trainer::~Trainer() = default;
Trainer::Trainer(Trainer&&) noexcept = default;
Trainer& Trainer::operator=(Trainer&&) noexcept = default;

bool Trainer::fit(const Dataset& data, const FitOptions& options) {
  return impl_->fit(*this, data, options);
}

Evaluation Trainer::evaluate(const Dataset& data, const EvaluateOptions& options) {
  return impl_->evaluate(data, options);
}

Recalibration Trainer::recalibrate(const Dataset& data, const RecalibrateOptions& options) {
  return impl_->recalibrate(data, options);
}

double Trainer::learning_rate() const { return learning_rate_of(impl_->optimizer_); }

void Trainer::set_learning_rate(double rate) {
  Optimizer changed = impl_->optimizer_;
  evenkeel::set_learning_rate(changed, rate);
  impl_->optimizer_ = checked(changed);
}

void Trainer::save(const std::filesystem::path& path) const { begin_save(path).finish(); }

StagedSafetensors Trainer::begin_save(const std::filesystem::path& path) const {
  impl_->require_usable();
  return stage_checkpoint(path, impl_->about(), impl_->state_, impl_->predicting_.to_save());
}

void Trainer::restore(const std::filesystem::path& path) {
  impl_->restore(Checkpoint::read(path), path);
}
void Trainer::restore(Checkpoint checkpoint, const std::filesystem::path& path) {
  impl_->restore(std::move(checkpoint), path);
}
std::map<std::string, std::string>& Trainer::notes() { return impl_->notes_; }
const Model& Trainer::model() const { return impl_->model_; }
Loss Trainer::loss() const { return impl_->loss_; }
const Optimizer& Trainer::optimizer() const { return impl_->optimizer_; }
std::int64_t Trainer::completed_steps() const { return impl_->step_; }
const TrainerOptions& Trainer::options() const { return impl_->options_; }
int Trainer::threads() const { return impl_->machine_.threads; }

Tensor Trainer::state(const std::string& name) const {
  impl_->require_usable();
  return impl_->state_.get(name);
}

Tensor Trainer::predicting_state(const std::string& name) const {
  impl_->require_usable();
  const auto& replaced = impl_->predicting_.now(impl_->options_.statistics);
  const auto found = replaced.find(name);
  return found == replaced.end() ? impl_->state_.get(name) : found->second;
}

void Trainer::set_state(const std::string& name, const Tensor& tensor) {
  impl_->require_usable();
  if (const std::string fault = statistic_fault(impl_->network_, name, tensor); !fault.empty())
    throw InvalidArgument(name, fault);
  impl_->state_.set(name, tensor);
}

std::vector<std::string> Trainer::state_names() const {
  std::vector<std::string> names;
  for (const StateStore::Entry& entry : impl_->state_.entries()) names.push_back(entry.name);
  return names;
}

const Plan& Trainer::plan(std::int64_t batch_size) {
  return impl_->executor(batch_size, Labels::classes).plan();
}

void Trainer::start_profile() {
  impl_->profiling_ = true;
  for (auto& [batch, executor] : impl_->executors_) executor.start_profile();
}

const Profile* Trainer::profile() const {
  const auto found = impl_->executors_.find(impl_->last_plan_);
  if (found == impl_->executors_.end() || !found->second.profile()) return nullptr;
  return &*found->second.profile();
}

}  // namespace evenkeel
