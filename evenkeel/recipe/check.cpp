// SPDX-License-Identifier: Apache-2.0
// Defaults, and which values go with each other.
#include <fmt/format.h>

#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/data/augment.h"
#include "evenkeel/data/split.h"
#include "evenkeel/recipe/build.h"
#include "evenkeel/recipe/place.h"
#include "evenkeel/recipe/recipe.h"
#include "evenkeel/recipe/save_times.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kMostLoaders = 1024;

[[noreturn]] void refuse(const char* key, const std::string& text) {
  throw InvalidArgument(key, text);
}

void require(bool good, const char* key, const char* expected, double got) {
  if (!good) refuse(key, fmt::format("expected {}, got {}", expected, got));
}
void require_at_least_1(const char* key, std::int64_t got) {
  require(got >= 1, key, "at least 1", static_cast<double>(got));
}

void check_training(const Recipe& r) {
  require_at_least_1("train.batch", r.batch);
  require_at_least_1("train.accumulate", r.accumulate);
  require_at_least_1("train.average_every", r.average_every);
  require(r.learning_rate > 0, "train.lr", "a finite number above 0", r.learning_rate);
  require(r.label_smoothing >= 0 && r.label_smoothing < 1, "train.label_smoothing",
          "a number of at least 0 and below 1", r.label_smoothing);
  require(r.average_keep > 0 && r.average_keep < 1, "train.average_keep",
          "a number above 0 and below 1", r.average_keep);
  for (const double weight : r.class_weights)
    require(weight > 0, "train.class_weights", "numbers above 0", weight);
  if (r.loss != "softmax_cross_entropy" && (r.label_smoothing != 0 || !r.class_weights.empty()))
    refuse(r.label_smoothing != 0 ? "train.label_smoothing" : "train.class_weights",
           "expected softmax_cross_entropy as loss with it, got " + r.loss);
}

void check_numbers(const Recipe& r) {
  require(r.width > 0, "model.width", "a number above 0", r.width);
  require(r.momentum >= 0 && r.momentum < 1, "optimizer.momentum",
          "a number of at least 0 and below 1", r.momentum);
  require(r.weight_decay >= 0, "optimizer.weight_decay", "a finite number of at least 0",
          r.weight_decay);
  require(r.clip_norm >= 0, "optimizer.clip_norm", "a finite number of at least 0", r.clip_norm);
  require(r.schedule_factor > 0 && r.schedule_factor <= 1, "schedule.factor",
          "a number above 0, at most 1", r.schedule_factor);
  require(r.stop_min_delta >= 0, "stop.min_delta", "a number of at least 0", r.stop_min_delta);
  require(r.rotate >= 0 && r.rotate <= 180, "augment.rotate", "degrees from 0 to 180", r.rotate);
}

// What looks at the validation images needs looks.
void check_looks(const Recipe& r) {
  if (r.eval_every > 0) return;
  if (r.schedule == "plateau")
    refuse("schedule.name",
           "expected run.eval_every above 0 with plateau, which follows the "
           "validation loss");
  if (r.stop_patience > 0)
    refuse("stop.patience",
           "expected run.eval_every above 0 with it: it counts looks at the "
           "validation images");
}

// What would change nothing: refused, but where it is the default, which a resolved recipe says.
void check_effects(const Recipe& r) {
  const Recipe usual;
  const auto refuse_without = [](const char* key, const char* with, const std::string& got) {
    refuse(key, fmt::format("expected {} with it, got {}; leave it out", with, got));
  };
  const bool steps = r.schedule == "step" || r.schedule == "exponential";
  if (r.schedule_every != usual.schedule_every && !steps)
    refuse_without("schedule.every", "a step or exponential schedule", r.schedule);
  if (r.schedule_factor != usual.schedule_factor && !steps && r.schedule != "plateau")
    refuse_without("schedule.factor", "a step, exponential or plateau schedule", r.schedule);
  if (r.schedule_patience != usual.schedule_patience && r.schedule != "plateau")
    refuse_without("schedule.patience", "a plateau schedule", r.schedule);
  if (r.schedule_cooldown != usual.schedule_cooldown && r.schedule != "plateau")
    refuse_without("schedule.cooldown", "a plateau schedule", r.schedule);
  if (r.adam_form != usual.adam_form && !r.optimizer.starts_with("adam"))
    refuse_without("optimizer.adam_form", "adam or adamw", r.optimizer);
  if (r.average_start != usual.average_start && r.average != "swa")
    refuse_without("train.average_start", "swa", r.average);
  if (r.average_every != usual.average_every && r.average != "swa")
    refuse_without("train.average_every", "swa", r.average);
  if (r.average_keep != usual.average_keep && r.average != "ema")
    refuse_without("train.average_keep", "ema", r.average);
  if (r.stop_patience == 0 && r.stop_min_delta != usual.stop_min_delta)
    refuse_without("stop.min_delta", "stop.patience", "none");
}

void check_data(const Recipe& r) {
  constexpr std::int64_t kAny = 1 << 30;
  if (r.validation) datasets::part_size("data.validation", *r.validation, kAny);
  if (r.test) datasets::part_size("data.test", *r.test, kAny);
  if (r.loaders)
    require(*r.loaders <= kMostLoaders, "data.loaders", "at most 1024 threads",
            static_cast<double>(*r.loaders));
}

void check_all(const Recipe& recipe) {
  check_data(recipe);
  check_training(recipe);
  check_numbers(recipe);
  optimizer_of(recipe);
  schedule_of(recipe);
  loss_of(recipe);
  statistics_of(recipe);
  average_of(recipe);
  parse_save_times(recipe.save_every);
  check_looks(recipe);
  check_effects(recipe);
}

}  // namespace

Recipe default_recipe(const std::string& model, const std::string& optimizer) {
  Recipe recipe;
  if (!model.empty()) recipe.model = model;
  if (model == "mnist-99") {
    recipe.epochs = 2;
    recipe.batch = 64;
    recipe.learning_rate = 0.01;
    recipe.schedule = "one-cycle";
    recipe.log_every = 0;
    recipe.eval_every = 0;
  }
  if (optimizer.empty() || optimizer == recipe.optimizer) return recipe;
  const Optimizer usual = default_optimizer(optimizer);
  recipe.optimizer = optimizer;
  recipe.learning_rate = learning_rate_of(usual);
  recipe.weight_decay = weight_decay_of(usual);
  if (const auto* muon = std::get_if<Muon>(&usual)) {
    recipe.momentum = muon->momentum;
    recipe.nesterov = muon->nesterov;
  }
  return recipe;
}

void check(const Recipe& recipe, const std::vector<Setting>& settings) {
  told_at_its_place(settings, [&] { check_all(recipe); });
}

void check_class_weights(const Recipe& recipe, std::int64_t classes,
                         const std::vector<std::string>& names,
                         const std::vector<Setting>& settings) {
  const auto given = std::ssize(recipe.class_weights);
  if (given == 0 || given == classes) return;
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? " (" : ", ") + name;
  told_at_its_place(settings, [&] {
    refuse("train.class_weights",
           fmt::format("expected {} numbers, one for each class{}, got {}; 1 is usual", classes,
                       list.empty() ? "" : list + ")", given));
  });
}

}  // namespace evenkeel
