// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "evenkeel/base/float_mode.h"
#include "evenkeel/compile/lower_mode.h"
#include "evenkeel/compile/pipeline.h"
#include "evenkeel/compile/worthwhile_threads.h"
#include "evenkeel/data/batches.h"
#include "evenkeel/train/nonfinite.h"
#include "evenkeel/train/statistics.h"
#include "evenkeel/train/trainer_impl.h"

namespace evenkeel {
namespace {

// Puts statistics back as they were when it ends, unless they are to stay: micro-batches move them
// before it is known whether their step comes to an end.
class StatisticsBackup {
 public:
  explicit StatisticsBackup(StateStore& state) : state_(state) {
    for (const StateStore::Entry& entry : state.entries())
      if (entry.role == Role::statistic) before_.emplace_back(entry.name, state.get(entry.name));
  }
  ~StatisticsBackup() {
    for (const auto& [name, tensor] : before_) state_.set(name, tensor);
  }
  StatisticsBackup(const StatisticsBackup&) = delete;
  StatisticsBackup& operator=(const StatisticsBackup&) = delete;
  void drop() { before_.clear(); }

 private:
  StateStore& state_;
  std::vector<std::pair<std::string, Tensor>> before_;
};

StepPart part_of(std::int64_t part, std::int64_t parts) {
  using Place = StepPart::Place;
  if (parts == 1) return {};
  return {part == 0 ? Place::first : part + 1 < parts ? Place::middle : Place::last, parts};
}

void require_something_to_train(const Model& model) {
  const Graph& graph = model.graph();
  const auto has = [&](bool frozen) {
    return std::any_of(graph.nodes().begin(), graph.nodes().end(), [&](const Node& node) {
      const auto* state = std::get_if<State>(&node.op);
      return state != nullptr && trained(state->role) && state->frozen == frozen;
    });
  };
  if (has(true) && !has(false))
    throw InvalidArgument(model.name(),
                          "expected a layer to train, all of them are frozen; unfreeze one");
}

}  // namespace

// What the batches of a fit() come from.
struct Trainer::Impl::Feeding {
  const Dataset& data;
  TrainingImages& images;
  BatchSampler& sampler;
  std::int64_t parts;                 // of a step
  std::vector<std::int64_t> indices;  // of a part
};

Executor& Trainer::Impl::executor(const StepPlan& wanted) {
  auto found = executors_.find(wanted);
  if (found == executors_.end()) {
    if (options_.threads == 0 && executors_.empty())
      machine_.threads = worthwhile_threads(network_, wanted.batch, machine_.threads);
    const AddStep add_step = [&](const Graph& network) {
      return add_training_step(network, loss_, optimizer_, wanted.labels, wanted.part);
    };
    auto plan = compile_training_step(network_, add_step, {wanted.batch, machine_, passes_});
    if (wanted.part.place != StepPart::Place::only) state_.extend(add_step(to_training(network_)));
    found = executors_.emplace(wanted, Executor(std::move(plan), state_, workspace_)).first;
    if (profiling_) found->second.start_profile();
  }
  last_plan_ = wanted;
  return found->second;
}

void Trainer::Impl::fail(const RunResult& result, const std::string& step, Labels labels,
                         Executor& executor) {
  if (result.status == RunResult::Status::not_finite) {
    const NonFinite found = first_nonfinite(network_, loss_, state_, machine_, labels, executor);
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

void Trainer::Impl::feed_step(Executor& executor) const {
  feed_softened(executor, soft_);
  if (has_input(executor, "step")) executor.input_as<std::int64_t>("step")[0] = step_;
  if (has_input(executor, "seed"))
    executor.input_as<std::int64_t>("seed")[0] = static_cast<std::int64_t>(options_.seed);
}

void Trainer::Impl::run_part(Executor& executor, Feeding& feeding, std::int64_t part,
                             double learning_rate) {
  feeding.sampler.indices(step_ * feeding.parts + part, feeding.indices);
  feed(executor, feeding.data, feeding.indices, fewest_weighted_, feeding.images, step_, part);
  feed_step(executor);
  // A part that is not the last updates no weight, and has no rate.
  if (has_input(executor, "learning_rate"))
    executor.input_as<double>("learning_rate")[0] = learning_rate;
  const RunResult result = executor.run();
  if (result.ok()) return;
  std::string step = "step " + std::to_string(step_ + 1);
  if (feeding.parts > 1)
    step += ", micro-batch " + std::to_string(part + 1) + " of " + std::to_string(feeding.parts);
  fail(result, step, labels_of(feeding.data), executor);
}

BatchEvent Trainer::Impl::place(std::int64_t epochs, std::int64_t batches) const {
  BatchEvent event;
  event.epochs = epochs;
  event.batches = batches;
  event.step = step_;
  if (step_ == 0) return event;
  event.epoch = (step_ - 1) / batches + 1;
  event.batch = (step_ - 1) % batches + 1;
  return event;
}

BatchEvent Trainer::Impl::next_step(Feeding& feeding, std::int64_t epochs, std::int64_t batches) {
  const DefaultFloatMode mode;  // not of the callbacks, which are the caller's
  const auto batch = static_cast<std::int64_t>(feeding.indices.size());
  const double rate = options_.schedule.rate(learning_rate_of(optimizer_), step_, epochs * batches);
  averaging_.before_step();
  std::optional<StatisticsBackup> backup;
  if (feeding.parts > 1) backup.emplace(state_);
  double losses = 0;
  std::int64_t correct = 0;
  for (std::int64_t part = 0; part < feeding.parts; ++part) {
    const StepPart place = part_of(part, feeding.parts);
    Executor& executor = this->executor({batch, fed(labels_of(feeding.data)), place});
    run_part(executor, feeding, part, rate);
    losses += loss_of(executor);
    correct += executor.output_as<std::int32_t>("correct")[0];
  }
  if (backup) backup->drop();
  ++step_;
  averaging_.after_step(step_);
  BatchEvent event = place(epochs, batches);
  event.batch_size = batch * feeding.parts;
  event.loss = losses / static_cast<double>(feeding.parts);
  event.learning_rate = rate;
  event.correct = correct;
  return event;
}

// Of the micro-batches: those of a step, one behind the other, are the images of one large batch.
BatchSampler Trainer::Impl::sampler(const Dataset& data, const FitOptions& options) {
  BatchSampler sampler(data.size(), options.batch_size, {.seed = options_.seed});
  if (options.accumulate < 1 || options.accumulate > sampler.batches_per_epoch())
    throw InvalidArgument("accumulate", "expected from 1 to " +
                                            std::to_string(sampler.batches_per_epoch()) +
                                            " batches of " + std::to_string(options.batch_size) +
                                            " for a step, as many as the data set has, got " +
                                            std::to_string(options.accumulate));
  const std::int64_t images = options.batch_size * options.accumulate;
  if (step_ > 0 && fitted_images_ > 0 && fitted_images_ != images)
    throw InvalidArgument("batch size", "expected " + std::to_string(fitted_images_) +
                                            " as before, got " + std::to_string(images) +
                                            ": epochs are counted in batches of one size");
  return sampler;
}

bool Trainer::Impl::fit(Trainer& self, const Dataset& data, const FitOptions& options) {
  require_usable();
  require_fitting(model_, loss_, data);
  require_classes(soft_, data);
  require_something_to_train(model_);
  require_usable_statistics(network_, state_);
  require_weights(network_, data);
  if (options.epochs < 0)
    throw InvalidArgument("epochs", "expected at least 0, got " + std::to_string(options.epochs));
  BatchSampler sampler = this->sampler(data, options);
  const std::int64_t batches = sampler.batches_per_epoch() / options.accumulate;
  const std::int64_t end = options.epochs * batches;
  TrainingImages images(data, {.augmentation = options.augment,
                               .seed = options_.seed,
                               .batch_size = options.batch_size,
                               .parts = options.accumulate,
                               .first_step = step_,
                               .end_step = end,
                               .loaders = options.loaders});
  Feeding feeding{data, images, sampler, options.accumulate, {}};
  feeding.indices.resize(static_cast<std::size_t>(options.batch_size));
  fitted_batch_ = options.batch_size;
  fitted_images_ = options.batch_size * options.accumulate;
  predicting_.train_on(data, options.batch_size);
  stop_ = false;
  for (const Callback& callback : options.callbacks)
    if (callback.on_begin) callback.on_begin(self, place(options.epochs, batches));
  bool stopped = false;
  while (step_ < end) {
    stopped = stop_ || options.stop.stop_requested();
    if (stopped) break;
    const BatchEvent event = next_step(feeding, options.epochs, batches);
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

}  // namespace evenkeel
