// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/settings_json.h"

#include <nlohmann/json.hpp>

#include "evenkeel/formats/json_text.h"

namespace evenkeel {
namespace {

using Json = nlohmann::json;

Json to_json(const DecayRoles& roles) {
  Json json = Json::object();
  json["kernels"] = roles.kernels;
  json["gamma"] = roles.gamma;
  json["beta"] = roles.beta;
  json["bias"] = roles.bias;
  return json;
}

void read(const Json& json, DecayRoles& roles) {
  roles = {json.at("kernels"), json.at("gamma"), json.at("beta"), json.at("bias")};
}

// Calls field(name, member) for every setting of the optimiser: the one list of them.
template <typename Field>
void for_each_field(auto& adam, const Field& field) requires requires {
  adam.beta1;
}
{
  field("learning_rate", adam.learning_rate);
  field("beta1", adam.beta1);
  field("beta2", adam.beta2);
  field("epsilon", adam.epsilon);
  if constexpr (requires { adam.weight_decay; })
    field("weight_decay", adam.weight_decay);
  else
    field("l2", adam.l2);
  field("clip_norm", adam.clip_norm);
}
template <typename Field>
void for_each_field(auto& sgd, const Field& field) requires requires {
  sgd.nesterov;
}
{
  field("learning_rate", sgd.learning_rate);
  field("momentum", sgd.momentum);
  field("nesterov", sgd.nesterov);
  field("l2", sgd.l2);
  field("clip_norm", sgd.clip_norm);
}
template <typename Field>
void for_each_field(auto& rmsprop, const Field& field) requires requires {
  rmsprop.decay;
}
{
  field("learning_rate", rmsprop.learning_rate);
  field("decay", rmsprop.decay);
  field("epsilon", rmsprop.epsilon);
  field("momentum", rmsprop.momentum);
  field("l2", rmsprop.l2);
  field("clip_norm", rmsprop.clip_norm);
}

Json to_json(const Optimizer& optimizer) {
  Json json = Json::object();
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

AdamForm form_from(const Json& json) {
  const auto form = json.get<std::string>();
  if (form != "pytorch" && form != "tensorflow")
    throw DataError("settings", "expected Adam's form tensorflow or pytorch, got '" + form + "'");
  return form == "pytorch" ? AdamForm::pytorch : AdamForm::tensorflow;
}

Optimizer optimizer_named(const std::string& name) {
  for (const Optimizer& known :
       {Optimizer(Adam{}), Optimizer(AdamW{}), Optimizer(Sgd{}), Optimizer(Rmsprop{})})
    if (name_of(known) == name) return known;
  throw DataError("settings", "expected optimizer adam, adamw, sgd or rmsprop, got '" + name + "'");
}

Optimizer optimizer_from(const Json& json) {
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
Optimizer adam_from(const Json& json) {
  return Adam{.learning_rate = json.at("learning_rate"),
              .beta1 = json.at("beta1"),
              .beta2 = json.at("beta2"),
              .epsilon = json.at("epsilon"),
              .form = form_from(json.at("form"))};
}

Json to_json(const Schedule& schedule) {
  const Schedule::Settings& s = schedule.settings();
  Json json = Json::object();
  json["kind"] = to_string(s.kind);
  json["steps"] = s.steps;
  json["every"] = s.every;
  json["factor"] = s.factor;
  json["floor"] = s.floor;
  json["warm_up"] = s.warm_up;
  json["warm_up_start"] = s.warm_up_start;
  return json;
}

Schedule schedule_from(const Json& json) {
  Schedule::Settings s;
  const auto kind = json.at("kind").get<std::string>();
  bool known = false;
  for (const auto each : {Schedule::Kind::constant, Schedule::Kind::step, Schedule::Kind::cosine,
                          Schedule::Kind::one_cycle}) {
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

Json to_json(const Statistics& statistics) {
  Json json = Json::object();
  const auto* recalibrated = std::get_if<Recalibrated>(&statistics);
  json["kind"] = recalibrated != nullptr ? "recalibrated" : "moving";
  if (recalibrated != nullptr) json["images"] = recalibrated->images;
  return json;
}

Statistics statistics_from(const Json& json) {
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

RunSettings settings_from(const Json& json) {
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
  require_valid(settings.optimizer);
  return settings;
}

}  // namespace

std::string to_json_text(const RunSettings& settings) {
  Json json = Json::object();
  json["seed"] = settings.seed;
  json["precision"] = settings.precision;
  json["kernels"] = settings.kernels;
  json["loss"] = to_string(settings.loss);
  json["optimizer"] = to_json(settings.optimizer);
  json["schedule"] = to_json(settings.schedule);
  json["statistics"] = to_json(settings.statistics);
  return json_text(std::move(json));
}

RunSettings settings_from_json_text(const std::string& text) {
  try {
    return from_json_text<Json>(text, settings_from);
  } catch (const Json::exception& error) {
    throw DataError("settings", std::string("expected those of a run, got ") + error.what());
  } catch (const InvalidArgument& error) {
    throw DataError("settings", error.what());
  }
}

}  // namespace evenkeel
