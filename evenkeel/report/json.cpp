// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/json.h"

#include <nlohmann/json.hpp>

#include "evenkeel/report/plan_table.h"
#include "evenkeel/report/profile_table.h"

namespace evenkeel {
namespace {

using Json = nlohmann::ordered_json;

// A dynamic batch is null.
Json json_of(const Shape& shape) {
  Json dims = Json::array();
  for (const std::int64_t dim : shape) dims.push_back(dim == kBatch ? Json() : Json(dim));
  return dims;
}

Json json_of(const LayerSummary& layer) {
  return {{"name", layer.name},
          {"kind", layer.kind},
          {"output", json_of(layer.output.shape)},
          {"trainable", layer.trainable},
          {"decayed", layer.decayed},
          {"frozen", layer.frozen},
          {"is_frozen", layer.has_frozen},
          {"state", layer.state},
          {"flops_per_image", layer.flops},
          {"weight_bytes", layer.weight_bytes},
          {"output_bytes_per_image", layer.output_bytes}};
}

Json json_of(const Phase& phase) {
  Json steps = Json::array();
  for (const Step& step : phase.steps) {
    steps.push_back({{"name", step.name},
                     {"kernel", step.kernel},
                     {"flops", step.flops},
                     {"results_in", places_of(step)}});
  }
  Json result = {{"kind", to_string(phase.kind)}, {"extent", phase.extent}};
  if (phase.kind == PhaseKind::samples) result["slice"] = phase.slice;
  result["steps"] = std::move(steps);
  return result;
}

Json json_of(const std::vector<Phase>& phases) {
  Json result = Json::array();
  for (const Phase& phase : phases) result.push_back(json_of(phase));
  return result;
}

}  // namespace

std::string to_json(const ModelSummary& summary) {
  Json layers = Json::array();
  for (const LayerSummary& layer : summary.layers) layers.push_back(json_of(layer));
  Json total = json_of(summary.total);
  for (const char* key : {"name", "kind", "output"}) total.erase(key);
  return Json{
      {"event", "summary"}, {"model", summary.model}, {"input", json_of(summary.input.shape)},
      {"layers", layers},   {"total", total},         {"rules", summary.rules}}
      .dump();
}

std::string to_json(const Plan& plan) {
  Json passes = Json::array();
  for (const PassRecord& pass : plan.passes) {
    passes.push_back({{"name", pass.name},
                      {"nodes_before", pass.nodes_before},
                      {"nodes_after", pass.nodes_after},
                      {"changed", pass.changed},
                      {"seconds", pass.seconds}});
  }
  return Json{{"event", "plan"},
              {"graph", plan.graph},
              {"batch", plan.batch},
              {"threads", plan.threads},
              {"arena_bytes", plan.arena_bytes},
              {"arena_bytes_without_reuse", plan.arena_bytes_without_reuse},
              {"scratch_bytes_per_thread", plan.worker_bytes},
              {"kernel_calls", kernel_calls(plan)},
              {"passes", passes},
              {"prepare", json_of(plan.prepare)},
              {"phases", json_of(plan.run)}}
      .dump();
}

std::string to_json(const Profile& profile) {
  Json rows = Json::array();
  for (const ProfileRow& row : profile_rows(profile)) {
    rows.push_back({{"phase", row.phase},
                    {"kind", row.kind},
                    {"step", row.step},
                    {"kernel", row.kernel},
                    {"milliseconds", row.milliseconds},
                    {"percent", row.percent},
                    {"gflops_per_second", row.gflops}});
  }
  return Json{
      {"event", "profile"}, {"steps", profile.runs}, {"seconds", profile.seconds}, {"rows", rows}}
      .dump();
}

}  // namespace evenkeel
