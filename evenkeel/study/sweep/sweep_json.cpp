// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "evenkeel/formats/json_text.h"
#include "evenkeel/study/sweep/analysis.h"

namespace evenkeel::sweep {
namespace {

using Json = nlohmann::ordered_json;

// Numbers as numbers, words as words.
Json values_json(const Sweep& sweep, const Values& values) {
  Json json = Json::object();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto value = number_of(values[i]);
    json[sweep.plan.parameters[i].key] =
        value && std::isfinite(*value) ? Json(*value) : Json(values[i]);
  }
  return json;
}

Json json_of_run(const Sweep& sweep, std::size_t i) {
  const Trial& trial = sweep.trials[i];
  const RunState& state = sweep.states[i];
  Json json = {{"name", trial.name},
               {"values", values_json(sweep, trial.values)},
               {"seed", trial.recipe.seed},
               {"status", to_string(state.result.status)}};
  if (!state.result.error.empty()) json["error"] = state.result.error;
  if (sweep.plan.strategy == Strategy::asha) json["rungs"] = state.rungs;
  json["epochs"] = state.result.looks.empty() ? 0 : state.result.looks.back().epoch;
  json["seconds"] = state.result.seconds;
  if (const auto look = best_look(sweep, i)) {
    json["accuracy"] = finite_or_null<Json>(look->accuracy);
    json["loss"] = finite_or_null<Json>(look->loss);
    json["step"] = look->step;
    json["epoch"] = look->epoch;
  }
  return json;
}

Json importance_json(const Importance& importance) {
  if (!importance.nothing.empty()) return {{"nothing", importance.nothing}};
  const bool factorial = importance.method == ImportanceMethod::factorial;
  Json json = {{"method", factorial ? "factorial" : "binned"}};
  for (const ParameterImportance& each : importance.parameters)
    json["shares"][each.key] = each.share;
  if (!factorial) return json;
  json["interactions"] = importance.interactions;
  json["seeds"] = importance.seeds;
  return json;
}

Json ranking_json(const Sweep& sweep) {
  Json json = Json::array();
  for (const Combination& each : ranking(sweep)) {
    Json runs = Json::array();
    for (const std::size_t trial : each.trials) runs.push_back(sweep.trials[trial].name);
    json.push_back({{"values", values_json(sweep, each.values)},
                    {"accuracy", finite_or_null<Json>(each.accuracy)},
                    {"accuracy_deviation", finite_or_null<Json>(each.accuracy_deviation)},
                    {"loss", finite_or_null<Json>(each.loss)},
                    {"loss_deviation", finite_or_null<Json>(each.loss_deviation)},
                    {"epochs", each.epochs},
                    {"diverged", each.diverged},
                    {"failed", each.failed},
                    {"runs", std::move(runs)}});
  }
  return json;
}

}  // namespace

std::string run_json(const Sweep& sweep, std::size_t trial) {
  return json_of_run(sweep, trial).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_json(const Sweep& sweep) {
  Json json = Json::object();
  json["plan"] = parse_json<Json>(to_json(sweep.plan));
  json["runs"] = Json::array();
  for (std::size_t i = 0; i < sweep.trials.size(); ++i)
    json["runs"].push_back(json_of_run(sweep, i));
  json["ranking"] = ranking_json(sweep);
  json["importance"] = importance_json(importance_of(sweep));
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace evenkeel::sweep
