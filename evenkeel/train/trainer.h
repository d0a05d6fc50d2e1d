// SPDX-License-Identifier: Apache-2.0
// One training run: model, loss, optimiser, state, and the loop over data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "evenkeel/base/log.h"
#include "evenkeel/base/math.h"
#include "evenkeel/data/augment.h"
#include "evenkeel/data/dataset.h"
#include "evenkeel/model/model.h"
#include "evenkeel/train/evaluation.h"
#include "evenkeel/train/loss.h"
#include "evenkeel/train/optimizer.h"
#include "evenkeel/train/recalibrate.h"
#include "evenkeel/train/schedule.h"
#include "evenkeel/train/weight_average.h"

namespace evenkeel {

class StagedSafetensors;
struct Checkpoint;
class Trainer;
struct Plan;     // compile/plan.h
struct Profile;  // runtime/profiler.h

enum class Precision { f32, f64 };  // f64 runs on the reference kernels: an oracle, not fast

struct TrainerOptions {
  std::uint64_t seed = 0;
  int threads = 0;  // 0: one a core, fewer where a step is too small to be worth them
  Precision precision = Precision::f32;
  std::string kernels = "auto";  // auto, native, onednn, reference
  Math math = Math::fast;
  // Passes not to run, and a folder for the graph after each pass that changed it.
  std::vector<std::string> disabled_passes = {};
  std::string dump_directory = {};
  LogHook log = {};
  Schedule schedule = {};  // of the learning rate
  // What batch norm evaluates, saves and predicts with. Training goes the same way with either.
  Statistics statistics = MovingStatistics{};
  // What is evaluated, saved and predicted with in the place of the weights; recalibrated
  // statistics alone go with one.
  WeightAverage average = {};
  // Of softmax_cross_entropy alone. Targets (1 - s) onehot + s / K, as PyTorch's label_smoothing.
  double label_smoothing = 0;
  // One a class, above 0; none: all 1. A batch's loss is then sum_i w_i loss_i / sum_i w_i, as
  // PyTorch's weight. Neither changes what evaluate() says.
  std::vector<double> class_weights = {};
};

// What is known after a step: the loss of its batch before the update.
struct BatchEvent {
  std::int64_t epoch = 0;  // from 1
  std::int64_t epochs = 0;
  std::int64_t batch = 0;    // from 1, within the epoch
  std::int64_t batches = 0;  // of an epoch
  std::int64_t step = 0;     // completed steps, over all epochs
  std::int64_t batch_size = 0;
  double loss = 0;
  std::int64_t correct = 0;  // in the batch
  double learning_rate = 0;  // of this step
};

// Functions that fit() calls, those of one moment in the order of FitOptions::callbacks; any may be
// empty. Calling back into the trainer is allowed but for fit(). What one throws ends fit(). What a
// callback must know after a resume it keeps in Trainer::notes().
struct Callback {
  std::function<void(Trainer&, const BatchEvent&)> on_batch = {};
  std::function<void(Trainer&, const BatchEvent&)> on_epoch = {};  // after an epoch's last batch
  std::function<void(Trainer&)> on_end = {};  // when fit() returns, not when it throws
  // Before the first step, with the place of the last one that was done, in whichever process: no
  // loss, and of step 0 no epoch.
  std::function<void(Trainer&, const BatchEvent&)> on_begin = {};
};

struct FitOptions {
  std::int64_t epochs = 1;        // in all: a restored trainer does what is left
  std::int64_t batch_size = 128;  // the same in every fit() of a trainer
  std::vector<Callback> callbacks = {};
  std::stop_token stop = {};  // looked at between two steps
  // Of training images alone; by the trainer's seed.
  Augmentation augment = {};
  // Threads that make batches ready beside training, 0: none. Where nothing is said, one if images
  // are augmented and none if they are only copied. The bytes are the same.
  std::optional<int> loaders = {};
  // Batches whose gradients are averaged for one update. Batch norm normalises each of them by
  // itself, and its moving statistics follow each of them: "per_micro_batch". An epoch then has
  // as many steps fewer.
  std::int64_t accumulate = 1;
};

// "Epoch 1/10 - Batch 1/429: loss = 2.4102, accuracy = 0.2371" every `every` batches, from an
// epoch's first: the loss of that batch before its update, the accuracy over all of `test` after
// it.
EVENKEEL_API Callback log_every(std::int64_t every, Dataset test, std::ostream& out);

class EVENKEEL_API Trainer {
 public:
  // InvalidArgument for settings that make no sense, for a network that ends with what the loss has
  // in itself (softmax, sigmoid), and for recalibrated statistics of one without batch norm.
  Trainer(Model model, Loss loss, const Optimizer& optimizer, const TrainerOptions& options = {});
  ~Trainer();
  Trainer(Trainer&&) noexcept;
  Trainer& operator=(Trainer&&) noexcept;

  // Every batch is full: what is left of an epoch joins the first of the next, newly shuffled.
  // False if the stop token or request_stop() ended it. InvalidArgument where every layer is
  // frozen, UntrainedStatistics where a frozen batch norm was never updated. RuntimeFailure on a
  // loss or statistic that is not finite: names the first layer and channel where it appeared, the
  // state stays as before that step, that of all its micro-batches.
  bool fit(const Dataset& data, const FitOptions& options = {});
  // From a callback: fit() ends behind the callbacks of this moment, before another step.
  void request_stop();

  // In slices of 128 images. UntrainedStatistics before the first step, but with recalibrated
  // statistics, which need training images: InvalidArgument before the first fit() and restore()
  // unless Recalibrated::data has some.
  Evaluation evaluate(const Dataset& data, const EvaluateOptions& options = {});

  // Puts statistics computed over `data` in the place of the moving ones, from where training goes
  // on. InvalidArgument for no batch norm, no images, or a batch that has one value per channel;
  // RuntimeFailure naming layer and channel for a statistic that is not finite. The state is then
  // as before.
  Recalibration recalibrate(const Dataset& data, const RecalibrateOptions& options = {});

  // The whole state, and the settings a resumed run needs; `notes` are further settings to keep
  // with it. Written aside, synced, renamed: an error leaves an old file as it was. With
  // recalibrated statistics, or averaged weights, those are the layers' own in the file, and what
  // training has stands under "state/run/": a resumed run takes the same course to the byte.
  void save(const std::filesystem::path& path) const;
  // Its first half: copies the state as it is now. finish() of the result, from any thread and
  // while training goes on, is the second (formats/safetensors.h). save_every() does this for you.
  StagedSafetensors begin_save(const std::filesystem::path& path) const;
  // Puts back what save() wrote. DataError for a damaged file or another network: says which tensor
  // differs. Layers may be frozen here and not there: slots of the optimiser that are missing begin
  // at 0. Statistics of a file that does not count their updates are settled. An average of another
  // kind, or none, begins anew with the weights.
  void restore(const std::filesystem::path& path);
  // The same of a checkpoint that has been read already, from `path`.
  void restore(Checkpoint checkpoint, const std::filesystem::path& path);
  // Settings kept in checkpoints beside the state, such as "data" or "epochs"; strings as given.
  std::map<std::string, std::string>& notes();

  // The rate that the schedule starts from; a callback may change it between two steps.
  double learning_rate() const;
  void set_learning_rate(double rate);

  const Model& model() const;
  Loss loss() const;
  const Optimizer& optimizer() const;
  std::int64_t completed_steps() const;
  const TrainerOptions& options() const;
  int threads() const;  // those used; where options say 0, settled with the first plan
  // A state tensor by name, "bn1/moving_mean", as training has it; as predictions need it, which
  // with recalibrated statistics or averaged weights is another one.
  Tensor state(const std::string& name) const;
  Tensor predicting_state(const std::string& name) const;
  // InvalidArgument for another dtype or shape, or a statistic that cannot be.
  void set_state(const std::string& name, const Tensor& tensor);
  std::vector<std::string> state_names() const;

  // The plan that a batch size gets, for `summary --plan`; times of steps done since
  // start_profile().
  const Plan& plan(std::int64_t batch_size);
  void start_profile();
  const Profile* profile() const;

 private:
  friend class TrainerView;  // train/trainer_view.h
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace evenkeel
