// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/settings_json.h"

#include <nlohmann/json.hpp>

#include "evenkeel/formats/json_text.h"
#include "evenkeel/train/soft_targets.h"
#include "evenkeel/train/weight_averaging.h"

namespace evenkeel {
namespace {

using SortedJson = nlohmann::json;

SortedJson to_json(const DecayRoles& roles) {
  SortedJson json = SortedJson::object();
  json["kernels"] = roles.kernels;
  json["gamma"] = roles.gamma;
  json["beta"] = roles.beta;
  json["bias"] = roles.bias;
  return json;
}

void read(const SortedJson& json, DecayRoles& roles) {
  roles = {json.at("kernels"), json.at("gamma"), json.at("beta"), json.at("bias")};
}

// Calls field(name, member) for every setting of the optimiser: the one list of them.
void for_each_field(auto& optimizer, const auto& field) {
  field("learning_rate", optimizer.learning_rate);
  field("clip_norm", optimizer.clip_norm);
  if constexpr (requires { optimizer.beta1; }) field("beta1", optimizer.beta1);
  if constexpr (requires { optimizer.beta2; }) field("beta2", optimizer.beta2);
  if constexpr (requires { optimizer.decay; }) field("decay", optimizer.decay);
  if constexpr (requires { optimizer.epsilon; }) field("epsilon", optimizer.epsilon);
  if constexpr (requires { optimizer.momentum; }) field("momentum", optimizer.momentum);
  if constexpr (requires { optimizer.nesterov; }) field("nesterov", optimizer.nesterov);
  if constexpr (requires { optimizer.l2; }) field("l2", optimizer.l2);
  if constexpr (requires { optimizer.weight_decay; }) field("weight_decay", optimizer.weight_decay);
  if constexpr (requires { optimizer.other_factor; }) field("other_factor", optimizer.other_factor);
}

SortedJson to_json(const Optimizer& optimizer) {
  SortedJson json = SortedJson::object();
  json["name"] = name_of(optimizer);
  json["decays"] = to_json(decays_of(optimizer));
  std::visit(
      [&](const auto& each) {
        for_each_field(each, [&](const char* name, const auto& value) { json[name] = value; });
      },
      optimizer);
  if (const auto* adam = std::get_if<Adam>(&optimizer))
    json["form"] = adam->form == AdamForm::tensorflow ? "tensorflow" : "pytorch";
  return json;
}

AdamForm form_from(const SortedJson& json) {
  const auto form = json.get<std::string>();
  if (form != "pytorch" && form != "tensorflow")
    throw DataError("settings", "expected Adam's form tensorflow or pytorch, got '" + form + "'");
  return form == "pytorch" ? AdamForm::pytorch : AdamForm::tensorflow;
}

Optimizer optimizer_named(const std::string& name) {
  for (const Optimizer& known : {Optimizer(Adam{}), Optimizer(AdamW{}), Optimizer(Sgd{}),
                                 Optimizer(Rmsprop{}), Optimizer(Adagrad{}), Optimizer(Muon{})})
    if (name_of(known) == name) return known;
  throw DataError(
      "settings",
      "expected optimizer adam, adamw, sgd, rmsprop, adagrad or muon, got '" + name + "'");
}

Optimizer optimizer_from(const SortedJson& json) {
  Optimizer optimizer = optimizer_named(json.at("name"));
  std::visit(
      [&](auto& each) {
        for_each_field(each, [&](const char* name, auto& value) { json.at(name).get_to(value); });
        read(json.at("decays"), each.decays);
      },
      optimizer);
  if (auto* adam = std::get_if<Adam>(&optimizer)) adam->form = form_from(json.at("form"));
  return optimizer;
}

// Checkpoints had Adam alone, under its own key, before there were other optimisers.
Optimizer adam_from(const SortedJson& json) {
  return Adam{.learning_rate = json.at("learning_rate"),
              .beta1 = json.at("beta1"),
              .beta2 = json.at("beta2"),
              .epsilon = json.at("epsilon"),
              .form = form_from(json.at("form"))};
}

SortedJson to_json(const Schedule& schedule) {
  const Schedule::Settings& s = schedule.settings();
  SortedJson json = SortedJson::object();
  json["kind"] = to_string(s.kind);
  json["steps"] = s.steps;
  json["every"] = s.every;
  json["factor"] = s.factor;
  json["floor"] = s.floor;
  json["warm_up"] = s.warm_up;
  json["warm_up_start"] = s.warm_up_start;
  return json;
}

Schedule schedule_from(const SortedJson& json) {
  Schedule::Settings s;
  const auto kind = json.at("kind").get<std::string>();
  bool known = false;
  for (const auto each : {Schedule::Kind::constant, Schedule::Kind::step, Schedule::Kind::cosine,
                          Schedule::Kind::one_cycle, Schedule::Kind::exponential}) {
    if (to_string(each) != kind) continue;
    s.kind = each;
    known = true;
  }
  if (!known) throw DataError("settings", "expected a known schedule, got '" + kind + "'");
  json.at("steps").get_to(s.steps);
  json.at("every").get_to(s.every);
  json.at("factor").get_to(s.factor);
  json.at("floor").get_to(s.floor);
  json.at("warm_up").get_to(s.warm_up);
  json.at("warm_up_start").get_to(s.warm_up_start);
  return Schedule(s);
}

SortedJson to_json(const Statistics& statistics) {
  SortedJson json = SortedJson::object();
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  json["kind"] = recalibrated != nullptr ? "recalibrated" : "moving";
  if (recalibrated != nullptr) json["images"] = recalibrated->images;
  return json;
}

Statistics statistics_from(const SortedJson& json) {
  const auto kind = json.at("kind").get<std::string>();
  if (kind == "moving") return MovingStatistics{};
  if (kind != "recalibrated")
    throw DataError("settings", "expected moving or recalibrated statistics, got '" + kind + "'");
  const auto images = json.at("images").get<std::int64_t>();
  if (images < 1)
    throw DataError("settings", "expected statistics recalibrated over at least 1 image, got " +
                                    std::to_string(images));
  return Recalibrated{images};
}

const char* name_of(WeightAverage::Kind kind) {
  return kind == WeightAverage::Kind::ema ? "ema" : "swa";
}

SortedJson to_json(const WeightAverage& average) {
  SortedJson json = SortedJson::object();
  json["kind"] = name_of(average.kind);
  json["keep"] = average.keep;
  json["start"] = average.start;
  json["every"] = average.every;
  return json;
}

WeightAverage average_from(const SortedJson& json) {
  WeightAverage average{WeightAverage::Kind::ema, json.at("keep"), json.at("start"),
                        json.at("every")};
  const auto kind = json.at("kind").get<std::string>();
  if (kind == name_of(WeightAverage::Kind::swa))
    average.kind = WeightAverage::Kind::swa;
  else if (kind != name_of(WeightAverage::Kind::ema))
    throw DataError("settings",
                    "expected an average of the weights ema or swa, got '" + kind + "'");
  require_valid(average);
  return average;
}

RunSettings settings_from(const SortedJson& json) {
  RunSettings settings;
  settings.seed = json.at("seed").get<std::uint64_t>();
  settings.precision = json.at("precision").get<std::string>();
  settings.kernels = json.at("kernels").get<std::string>();
  const auto loss = json.at("loss").get<std::string>();
  const auto known = parse_loss(loss);
  if (!known) throw DataError("settings", "expected a known loss, got '" + loss + "'");
  settings.loss = *known;
  settings.optimizer = json.contains("optimizer") ? optimizer_from(json.at("optimizer"))
                                                  : adam_from(json.at("adam"));
  if (json.contains("schedule")) settings.schedule = schedule_from(json.at("schedule"));
  if (json.contains("statistics")) settings.statistics = statistics_from(json.at("statistics"));
  if (json.contains("average")) settings.average = average_from(json.at("average"));
  if (json.contains("label_smoothing")) json.at("label_smoothing").get_to(settings.label_smoothing);
  if (json.contains("class_weights")) json.at("class_weights").get_to(settings.class_weights);
  require_valid(settings.optimizer);
  require_valid(SoftTargets{settings.label_smoothing, settings.class_weights});
  return settings;
}

}  // namespace

std::string to_json_text(const RunSettings& settings) {
  SortedJson json = SortedJson::object();
  json["seed"] = settings.seed;
  json["precision"] = settings.precision;
  json["kernels"] = settings.kernels;
  json["loss"] = to_string(settings.loss);
  json["optimizer"] = to_json(settings.optimizer);
  json["schedule"] = to_json(settings.schedule);
  json["statistics"] = to_json(settings.statistics);
  // Left out where there are none: the files of runs without them are as they always were.
  if (settings.average.kind != WeightAverage::Kind::none)
    json["average"] = to_json(settings.average);
  if (settings.label_smoothing != 0) json["label_smoothing"] = settings.label_smoothing;
  if (!settings.class_weights.empty()) json["class_weights"] = settings.class_weights;
  return json_text(std::move(json));
}

RunSettings settings_from_json_text(const std::string& text) {
  try {
    return from_json_text<SortedJson>(text, settings_from);
  } catch (const SortedJson::exception& error) {
    throw DataError("settings", std::string("expected those of a run, got ") + error.what());
  } catch (const InvalidArgument& error) {
    throw DataError("settings", error.what());
  }
}

}  // namespace evenkeel
