// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/build.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/early_stopping.h"
#include "evenkeel/train/plateau.h"

namespace evenkeel {
namespace {

// Fills in what an optimiser has and a recipe knows.
struct FromRecipe {
  const Recipe& recipe;

  void operator()(Adam& adam) const {
    adam.l2 = recipe.weight_decay;
    adam.form = recipe.adam_form == "pytorch" ? AdamForm::pytorch : AdamForm::tensorflow;
  }
  void operator()(AdamW& adam) const { adam.weight_decay = recipe.weight_decay; }
  void operator()(Sgd& sgd) const {
    sgd.momentum = recipe.momentum;
    sgd.nesterov = recipe.nesterov;
    sgd.l2 = recipe.weight_decay;
  }
  void operator()(Rmsprop& rmsprop) const {
    rmsprop.momentum = recipe.momentum;
    rmsprop.l2 = recipe.weight_decay;
  }
  void operator()(Adagrad& adagrad) const { adagrad.l2 = recipe.weight_decay; }
  void operator()(Muon& muon) const {
    muon.momentum = recipe.momentum;
    muon.nesterov = recipe.nesterov;
    muon.weight_decay = recipe.weight_decay;
  }
};

struct ToRecipe {
  Recipe& recipe;

  void operator()(const Adam& adam) const {
    recipe.adam_form = adam.form == AdamForm::pytorch ? "pytorch" : "tensorflow";
  }
  void operator()(const AdamW&) const {}
  void operator()(const Sgd& sgd) const {
    recipe.momentum = sgd.momentum;
    recipe.nesterov = sgd.nesterov;
  }
  void operator()(const Rmsprop& rmsprop) const { recipe.momentum = rmsprop.momentum; }
  void operator()(const Adagrad&) const {}
  void operator()(const Muon& muon) const {
    recipe.momentum = muon.momentum;
    recipe.nesterov = muon.nesterov;
  }
};

// One of each kind, with its defaults.
constexpr std::make_index_sequence<std::variant_size_v<Optimizer>> kKinds;
template <std::size_t... kKind>
std::vector<Optimizer> all_optimizers(std::index_sequence<kKind...>) {
  return {Optimizer(std::in_place_index<kKind>)...};
}

constexpr std::string_view kRecalibrated = "recalibrated";
constexpr std::int64_t kMostImages = std::int64_t{1} << 30;

}  // namespace

std::vector<std::string> optimizer_names() {
  std::vector<std::string> names;
  for (const Optimizer& each : all_optimizers(kKinds)) names.emplace_back(name_of(each));
  return names;
}

Optimizer default_optimizer(const std::string& name, const std::string& where) {
  for (Optimizer& each : all_optimizers(kKinds))
    if (name_of(each) == name) return each;
  std::string known;
  for (const std::string& each : optimizer_names()) known += (known.empty() ? "" : ", ") + each;
  throw InvalidArgument(where, "expected one of " + known + ", got '" + name + "'" +
                                   did_you_mean(name, optimizer_names()));
}

Optimizer optimizer_of(const Recipe& recipe) {
  Optimizer optimizer = default_optimizer(recipe.optimizer);
  const auto refuse = [&](const char* key, const char* with) {
    throw InvalidArgument(
        key, std::string("expected ") + with + " as optimizer with it, got " + recipe.optimizer);
  };
  const std::string& name = recipe.optimizer;
  if (recipe.momentum != 0 && name != "sgd" && name != "rmsprop" && name != "muon")
    refuse("optimizer.momentum", "sgd, rmsprop or muon");
  if (recipe.nesterov && name != "sgd" && name != "muon")
    refuse("optimizer.nesterov", "sgd or muon");
  std::visit(FromRecipe{recipe}, optimizer);
  std::visit([&](auto& each) { each.clip_norm = recipe.clip_norm; }, optimizer);
  set_learning_rate(optimizer, recipe.learning_rate);
  require_valid(optimizer);
  return optimizer;
}

Schedule schedule_of(const Recipe& recipe) {
  const std::string& name = recipe.schedule;
  if (name == "step" && recipe.schedule_every < 1)
    throw InvalidArgument("schedule.every",
                          "expected the number of steps between two drops of a step schedule");
  Schedule schedule;
  if (name == "step") schedule = Schedule::step(recipe.schedule_every, recipe.schedule_factor);
  if (name == "exponential")
    schedule = Schedule::exponential(recipe.schedule_factor,
                                     std::max<std::int64_t>(1, recipe.schedule_every));
  if (name == "cosine") schedule = Schedule::cosine();
  if (name == "one-cycle") schedule = Schedule::one_cycle();
  if (recipe.warm_up == 0) return schedule;
  if (name == "one-cycle")
    throw InvalidArgument("schedule.warm_up",
                          "expected none with one-cycle, which has a rise of its own");
  return schedule.warm_up(recipe.warm_up);
}

Loss loss_of(const Recipe& recipe) {
  const auto loss = parse_loss(recipe.loss);
  if (!loss)
    throw InvalidArgument("train.loss",
                          "expected softmax_cross_entropy, sigmoid_cross_entropy or "
                          "mean_squared_error, got '" +
                              recipe.loss + "'");
  return *loss;
}

Statistics parse_statistics(const std::string& text) {
  if (text == "moving") return MovingStatistics{};
  if (text == kRecalibrated) return Recalibrated{};
  const std::size_t colon = text.find(':');
  if (text.substr(0, colon) == kRecalibrated) {
    const std::string_view number = std::string_view(text).substr(colon + 1);
    Recalibrated result;
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), result.images);
    if (error == std::errc() && end == number.data() + number.size() && result.images >= 1 &&
        result.images <= kMostImages)
      return result;
    throw InvalidArgument("train.statistics",
                          "expected a number of images of at least 1 behind recalibrated:, got '" +
                              std::string(number) + "'");
  }
  throw InvalidArgument("train.statistics",
                        "expected moving, recalibrated or recalibrated:N, got '" + text + "'" +
                            did_you_mean(text.substr(0, colon), {"moving", "recalibrated"}));
}

std::string statistics_text(const Statistics& statistics) {
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  if (recalibrated == nullptr) return "moving";
  return std::string(kRecalibrated) + ":" + std::to_string(recalibrated->images);
}

Statistics statistics_of(const Recipe& recipe) { return parse_statistics(recipe.statistics); }

WeightAverage average_of(const Recipe& recipe) {
  WeightAverage average;
  if (recipe.average == "ema") average = WeightAverage::ema(recipe.average_keep);
  if (recipe.average == "swa")
    average = WeightAverage::swa(recipe.average_start, recipe.average_every);
  if (average.kind != WeightAverage::Kind::none && recipe.statistics == "moving")
    throw InvalidArgument("train.average",
                          "expected train.statistics = \"recalibrated\" with it: the moving "
                          "statistics are those of the weights, not of their average");
  return average;
}

Augmentation augmentation_of(const Recipe& recipe) {
  Augmentation result;
  result.flip = recipe.flip;
  result.rotate = recipe.rotate;
  result.shift = recipe.shift;
  result.crop = recipe.crop;
  result.cutout = recipe.cutout;
  return result;
}

DatasetOptions dataset_options_of(const Recipe& recipe, const std::filesystem::path& directory) {
  DatasetOptions options;
  options.directory = directory;
  options.validation = recipe.validation;
  options.test = recipe.test;
  options.split_seed = recipe.split_seed;
  options.stratified = recipe.stratified;
  options.skip_bad = recipe.skip_bad;
  return options;
}

std::vector<Callback> callbacks_of(const Recipe& recipe, const Evaluate& validate) {
  std::vector<Callback> callbacks;
  if (recipe.schedule == "plateau")
    callbacks.push_back(reduce_on_plateau(validate, {.factor = recipe.schedule_factor,
                                                     .patience = recipe.schedule_patience,
                                                     .cooldown = recipe.schedule_cooldown}));
  if (recipe.stop_patience > 0)
    callbacks.push_back(early_stopping(
        validate, {.metric = recipe.stop_metric == "loss" ? Metric::loss : Metric::accuracy,
                   .patience = recipe.stop_patience,
                   .min_delta = recipe.stop_min_delta}));
  return callbacks;
}

TrainerOptions trainer_options_of(const Recipe& recipe) {
  TrainerOptions options;
  options.seed = recipe.seed;
  options.precision = recipe.precision == "f64" ? Precision::f64 : Precision::f32;
  options.kernels = recipe.kernels;
  options.math = recipe.math == "strict" ? Math::strict : Math::fast;
  options.schedule = schedule_of(recipe);
  options.statistics = statistics_of(recipe);
  options.average = average_of(recipe);
  options.label_smoothing = recipe.label_smoothing;
  options.class_weights = recipe.class_weights;
  return options;
}

void take_settings(const RunSettings& from, Recipe& to) {
  to.seed = from.seed;
  to.precision = from.precision;
  to.kernels = from.kernels;
  to.loss = to_string(from.loss);
  to.optimizer = name_of(from.optimizer);
  to.learning_rate = learning_rate_of(from.optimizer);
  to.weight_decay = weight_decay_of(from.optimizer);
  to.clip_norm = clip_norm_of(from.optimizer);
  std::visit(ToRecipe{to}, from.optimizer);
  const Schedule::Settings& schedule = from.schedule.settings();
  to.schedule = to_string(schedule.kind);
  to.schedule_every = schedule.every;
  to.schedule_factor = schedule.factor;
  to.warm_up = schedule.warm_up;
  to.statistics = statistics_text(from.statistics);
  to.label_smoothing = from.label_smoothing;
  to.class_weights = from.class_weights;
  to.average_keep =
      from.average.kind == WeightAverage::Kind::ema ? from.average.keep : to.average_keep;
  if (from.average.kind == WeightAverage::Kind::ema) to.average = "ema";
  if (from.average.kind != WeightAverage::Kind::swa) return;
  to.average = "swa";
  to.average_start = from.average.start;
  to.average_every = from.average.every;
}

}  // namespace evenkeel
