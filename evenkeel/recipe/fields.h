// SPDX-License-Identifier: Apache-2.0
// The one list of a recipe's keys: reading, writing, --set, notes in checkpoints, the schema and
// its page follow it.
#pragma once

#include <string_view>

#include "evenkeel/recipe/recipe.h"

namespace evenkeel {

// May a resumed run change it?
enum class Resumed { keeps, may_change };

struct RecipeField {
  std::string_view key;         // in TOML
  std::string_view note;        // in checkpoints and run.json
  std::string_view flag;        // of the command; empty: --set alone
  std::string_view what;        // a sentence without its full stop
  std::string_view names = {};  // that it takes, with commas between
  Resumed resumed = Resumed::keeps;
};

// Calls f(RecipeField, member) for each, section by section.
template <typename R, typename F>
void for_each_model_field(R& r, F&& f) {
  f(RecipeField{"model.name", "model", "model",
                "Network by name, or what the network made of layers is to be called"},
    r.model);
  f(RecipeField{"model.layers", "model.layers", "",
                "Layers one after the other, in the place of a network by name; each a table with "
                "its type and options"},
    r.layers);
  f(RecipeField{"model.width", "model.width", "",
                "What the network's numbers of channels and units are multiplied by"},
    r.width);
  f(RecipeField{"model.depth", "model.depth", "",
                "Hidden layers of mlp, blocks in each stage of a resnet; 0: the network's own"},
    r.depth);
  f(RecipeField{"model.batch_norm", "model.batch_norm", "",
                "false: the network without its batch norms"},
    r.batch_norm);
}

template <typename R, typename F>
void for_each_data_field(R& r, F&& f) {
  f(RecipeField{"data.name", "data", "--data",
                "Data set by name, a folder of class folders, or an .npz file"},
    r.data);
  f(
      RecipeField{
          "data.validation", "data.validation", "",
          "Images that are put aside to choose by: a share below 1, or a number; left out: as the "
          "set usually is, else a tenth"},
      r.validation);
  f(RecipeField{"data.test", "data.test", "",
                "Images that are put aside to be tested on, in the same way"},
    r.test);
  f(RecipeField{"data.split_seed", "data.split_seed", "", "Seed of which images those are"},
    r.split_seed);
  f(RecipeField{"data.stratified", "data.stratified", "",
                "Each part has the classes in the shares that all have"},
    r.stratified);
  f(RecipeField{"data.skip_bad", "data.skip_bad", "--skip-bad",
                "Leave out image files that cannot be read, and say which"},
    r.skip_bad);
  f(RecipeField{"data.normalise", "data.normalise", "",
                "Each channel to mean 0 and deviation 1 over the training images, in the network"},
    r.normalise);
  f(
      RecipeField{
          "data.loaders", "", "--loaders",
          "Threads that make batches ready beside training, with the same bytes for any number; "
          "left out: 1 where images are augmented, else 0",
          "", Resumed::may_change},
      r.loaders);
}

template <typename R, typename F>
void for_each_augment_field(R& r, F&& f) {
  f(RecipeField{"augment.flip", "augment.flip", "", "Swap left and right in every second image"},
    r.flip);
  f(RecipeField{"augment.rotate", "augment.rotate", "",
                "Degrees, from -rotate to rotate, about the middle"},
    r.rotate);
  f(RecipeField{"augment.shift", "augment.shift", "", "Pixels, from -shift to shift, both ways"},
    r.shift);
  f(RecipeField{"augment.crop", "augment.crop", "",
                "Pixels put around the image, of which a window of its size is cut"},
    r.crop);
  f(RecipeField{"augment.cutout", "augment.cutout", "", "Side of a square that is blackened"},
    r.cutout);
}

template <typename R, typename F>
void for_each_train_field(R& r, F&& f) {
  f(RecipeField{"train.epochs", "epochs", "--epochs", "Passes over the data, in all when resumed",
                "", Resumed::may_change},
    r.epochs);
  f(RecipeField{"train.batch", "batch", "--batch", "Images in a batch"}, r.batch);
  f(RecipeField{"train.lr", "learning_rate", "--lr", "Learning rate, where a schedule starts from",
                "", Resumed::may_change},
    r.learning_rate);
  f(RecipeField{"train.seed", "seed", "--seed", "Seed of weights, order and augmentation"}, r.seed);
  f(RecipeField{"train.loss", "loss", "--loss", "What is minimised",
                "softmax_cross_entropy, sigmoid_cross_entropy, mean_squared_error"},
    r.loss);
  f(RecipeField{"train.label_smoothing", "train.label_smoothing", "",
                "How much of each label goes to all classes alike, from 0, below 1"},
    r.label_smoothing);
  f(RecipeField{"train.class_weights", "train.class_weights", "",
                "What each class counts in the loss, one number a class; none: all 1"},
    r.class_weights);
  f(RecipeField{"train.accumulate", "train.accumulate", "",
                "Batches whose gradients make one update"},
    r.accumulate);
  f(RecipeField{"train.accumulate_batch_norm", "train.accumulate_batch_norm", "",
                "Statistics that those batches are normalised by: each by its own",
                "per_micro_batch"},
    r.accumulate_batch_norm);
  f(RecipeField{"train.average", "train.average", "",
                "Average of the weights that is evaluated and saved, with statistics recalibrated "
                "for it",
                "none, ema, swa"},
    r.average);
  f(RecipeField{"train.average_keep", "train.average_keep", "", "What ema keeps at each step"},
    r.average_keep);
  f(RecipeField{"train.average_start", "train.average_start", "", "Steps before swa begins"},
    r.average_start);
  f(RecipeField{"train.average_every", "train.average_every", "", "Steps between two of swa"},
    r.average_every);
  f(RecipeField{"train.statistics", "statistics", "--statistics",
                "Batch norm's statistics to evaluate and save with: moving, or recalibrated:N over "
                "N training images",
                "", Resumed::may_change},
    r.statistics);
  f(RecipeField{"train.statistics_rule", "statistics_rule", "--statistics-rule",
                "How moving statistics follow", "count-weighted, tensorflow"},
    r.statistics_rule);
  f(RecipeField{"train.init_from", "train.init_from", "--init-from",
                "Checkpoint whose tensors of the same names and shapes training starts from"},
    r.init_from);
  f(RecipeField{"train.freeze", "train.freeze", "--freeze",
                "Layers that training leaves as they are, with * and ?"},
    r.freeze);
}

template <typename R, typename F>
void for_each_machine_field(R& r, F&& f) {
  f(RecipeField{"train.precision", "precision", "--precision", "f64 is slow, for reference",
                "f32, f64"},
    r.precision);
  f(RecipeField{"train.kernels", "kernels", "--kernels", "Kernels preferred",
                "auto, native, onednn, reference", Resumed::may_change},
    r.kernels);
  f(RecipeField{"train.isa", "isa", "--isa", "Instruction set computed with",
                "auto, avx512, avx2, portable", Resumed::may_change},
    r.isa);
  f(RecipeField{"train.math", "math", "--math",
                "strict: no more rounding than direct sums in f32 have", "strict, fast",
                Resumed::may_change},
    r.math);
}

template <typename R, typename F>
void for_each_optimizer_field(R& r, F&& f) {
  f(RecipeField{"optimizer.name", "optimizer", "--optimizer", "How weights follow gradients",
                "adam, adamw, sgd, rmsprop, adagrad, muon"},
    r.optimizer);
  f(RecipeField{"optimizer.momentum", "momentum", "--momentum", "Of sgd, rmsprop or muon"},
    r.momentum);
  f(RecipeField{"optimizer.nesterov", "nesterov", "--nesterov", "Nesterov's momentum, with sgd"},
    r.nesterov);
  f(RecipeField{"optimizer.weight_decay", "weight_decay", "--weight-decay",
                "Pull of kernels towards zero: decoupled with adamw and muon, else L2 in the "
                "gradient"},
    r.weight_decay);
  f(RecipeField{"optimizer.clip_norm", "clip_norm", "--clip-norm",
                "Largest norm of all gradients together; 0: any"},
    r.clip_norm);
  f(RecipeField{"optimizer.adam_form", "adam_form", "--adam-form", "Where epsilon stands",
                "tensorflow, pytorch"},
    r.adam_form);
}

template <typename R, typename F>
void for_each_schedule_field(R& r, F&& f) {
  f(RecipeField{"schedule.name", "schedule", "--schedule", "Of the learning rate",
                "constant, step, exponential, cosine, one-cycle, plateau"},
    r.schedule);
  f(RecipeField{"schedule.every", "schedule_every", "--schedule-every",
                "Steps between two drops of step; steps in which exponential makes one"},
    r.schedule_every);
  f(RecipeField{"schedule.factor", "schedule_factor", "--schedule-factor",
                "What a drop multiplies the rate by"},
    r.schedule_factor);
  f(RecipeField{"schedule.warm_up", "warm_up", "--warm-up",
                "Steps over which the rate first rises to its value"},
    r.warm_up);
  f(
      RecipeField{
          "schedule.patience", "schedule.patience", "",
          "Epochs in a row without a better validation loss that plateau waits before it drops"},
      r.schedule_patience);
  f(RecipeField{"schedule.cooldown", "schedule.cooldown", "",
                "Epochs after a drop that plateau does not count"},
    r.schedule_cooldown);
}

template <typename R, typename F>
void for_each_run_field(R& r, F&& f) {
  f(
      RecipeField{
          "stop.patience", "stop.patience", "",
          "Epochs in a row without a better look at the validation images that end the run; 0: "
          "never"},
      r.stop_patience);
  f(RecipeField{"stop.min_delta", "stop.min_delta", "", "How much better counts as better"},
    r.stop_min_delta);
  f(RecipeField{"stop.metric", "stop.metric", "", "What is looked at", "accuracy, loss"},
    r.stop_metric);
  f(RecipeField{"run.log_every", "", "--log-every", "Batches between two lines; 0: none", "",
                Resumed::may_change},
    r.log_every);
  f(RecipeField{"run.eval_every", "", "--eval-every",
                "Epochs between two looks at the validation images; 0: none", "",
                Resumed::may_change},
    r.eval_every);
  f(RecipeField{"run.metrics_every", "", "", "Batches between two rows of metrics.jsonl", "",
                Resumed::may_change},
    r.metrics_every);
  f(RecipeField{"run.save_every", "", "--save-every",
                "Steps (500) or time (60s, 5m) between two checkpoints, beside the epochs' own; 0: "
                "none",
                "", Resumed::may_change},
    r.save_every);
  f(RecipeField{"run.keep", "", "--keep", "Checkpoints kept, the last ones and the best; 0: all",
                "", Resumed::may_change},
    r.keep);
}

template <typename R, typename F>
void for_each_field(R& r, F&& f) {
  for_each_model_field(r, f);
  for_each_data_field(r, f);
  for_each_augment_field(r, f);
  for_each_train_field(r, f);
  for_each_machine_field(r, f);
  for_each_optimizer_field(r, f);
  for_each_schedule_field(r, f);
  for_each_run_field(r, f);
}

}  // namespace evenkeel
