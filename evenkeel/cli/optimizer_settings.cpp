// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/optimizer_settings.h"

#include "evenkeel/base/error.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/statistics_setting.h"

namespace evenkeel::cli {
namespace {

Optimizer named(const std::string& name) {
  if (name == "adamw") return AdamW{};
  if (name == "sgd") return Sgd{};
  if (name == "rmsprop") return Rmsprop{};
  return Adam{};
}

// Fills in what an optimiser has and the flags know.
struct FromSettings {
  const TrainSettings& settings;

  void operator()(Adam& adam) const {
    adam.l2 = settings.weight_decay;
    adam.form = settings.adam_form == "pytorch" ? AdamForm::pytorch : AdamForm::tensorflow;
  }
  void operator()(AdamW& adam) const { adam.weight_decay = settings.weight_decay; }
  void operator()(Sgd& sgd) const {
    sgd.momentum = settings.momentum;
    sgd.nesterov = settings.nesterov;
    sgd.l2 = settings.weight_decay;
  }
  void operator()(Rmsprop& rmsprop) const {
    rmsprop.momentum = settings.momentum;
    rmsprop.l2 = settings.weight_decay;
  }
};

struct ToSettings {
  TrainSettings& settings;

  void operator()(const Adam& adam) const {
    settings.adam_form = adam.form == AdamForm::pytorch ? "pytorch" : "tensorflow";
  }
  void operator()(const AdamW&) const {}
  void operator()(const Sgd& sgd) const {
    settings.momentum = sgd.momentum;
    settings.nesterov = sgd.nesterov;
  }
  void operator()(const Rmsprop& rmsprop) const { settings.momentum = rmsprop.momentum; }
};

}  // namespace

double default_learning_rate(const std::string& optimizer) {
  return learning_rate_of(named(optimizer));
}

double default_weight_decay(const std::string& optimizer) {
  return weight_decay_of(named(optimizer));
}

Optimizer optimizer_of(const TrainSettings& settings) {
  require_one_of("--optimizer", settings.optimizer, {"adam", "adamw", "sgd", "rmsprop"});
  const bool adam = settings.optimizer.starts_with("adam");
  if (adam && settings.momentum != 0)
    throw InvalidArgument("--momentum",
                          "expected --optimizer sgd or rmsprop with it, got " + settings.optimizer);
  if (settings.nesterov && settings.optimizer != "sgd")
    throw InvalidArgument("--nesterov",
                          "expected --optimizer sgd with it, got " + settings.optimizer);
  Optimizer optimizer = named(settings.optimizer);
  std::visit(FromSettings{settings}, optimizer);
  std::visit([&](auto& each) { each.clip_norm = settings.clip_norm; }, optimizer);
  set_learning_rate(optimizer, settings.learning_rate);
  require_valid(optimizer);
  return optimizer;
}

Schedule schedule_of(const TrainSettings& settings) {
  require_one_of("--schedule", settings.schedule, {"constant", "step", "cosine", "one-cycle"});
  if (settings.schedule == "step" && settings.schedule_every < 1)
    throw InvalidArgument("--schedule-every",
                          "expected the number of steps between two drops of --schedule step");
  Schedule schedule;
  if (settings.schedule == "step")
    schedule = Schedule::step(settings.schedule_every, settings.schedule_factor);
  if (settings.schedule == "cosine") schedule = Schedule::cosine();
  if (settings.schedule == "one-cycle") schedule = Schedule::one_cycle();
  return settings.warm_up > 0 ? schedule.warm_up(settings.warm_up) : schedule;
}

Loss loss_of(const TrainSettings& settings) {
  require_one_of("--loss", settings.loss,
                 {"softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error"});
  return parse_loss(settings.loss).value();
}

void take_settings(const RunSettings& from, TrainSettings& to) {
  to.seed = from.seed;
  to.precision = from.precision;
  to.kernels = from.kernels;
  to.loss = to_string(from.loss);
  to.optimizer = name_of(from.optimizer);
  to.learning_rate = learning_rate_of(from.optimizer);
  to.weight_decay = weight_decay_of(from.optimizer);
  to.clip_norm = clip_norm_of(from.optimizer);
  std::visit(ToSettings{to}, from.optimizer);
  const Schedule::Settings& schedule = from.schedule.settings();
  to.schedule = to_string(schedule.kind);
  to.schedule_every = schedule.every;
  to.schedule_factor = schedule.factor;
  to.warm_up = schedule.warm_up;
  to.statistics = statistics_text(from.statistics);
}

}  // namespace evenkeel::cli
