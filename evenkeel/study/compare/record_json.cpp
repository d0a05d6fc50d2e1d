// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/json_text.h"
#include "evenkeel/study/compare/record.h"

namespace evenkeel::compare {
namespace {

using Json = nlohmann::ordered_json;

double number_from(const Json& json) {
  return json.is_null() ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

Json json_of(const Quantiles& q) {
  return {finite_or_null<Json>(q[0]), finite_or_null<Json>(q[1]), finite_or_null<Json>(q[2])};
}
Quantiles quantiles_from(const Json& json) {
  return {number_from(json.at(0)), number_from(json.at(1)), number_from(json.at(2))};
}

Json json_of(const LossPoint& p) {
  return {{"step", p.step}, {"seconds", p.seconds}, {"loss", finite_or_null<Json>(p.loss)}};
}
Json json_of(const TestPoint& p) {
  return {{"step", p.step},
          {"seconds", p.seconds},
          {"loss", finite_or_null<Json>(p.loss)},
          {"accuracy", finite_or_null<Json>(p.accuracy)}};
}
Json json_of(const ActivationPoint& p) {
  return {{"layer", p.layer}, {"all", json_of(p.all)}, {"unit", json_of(p.unit)}};
}
Json json_of(const GradientPoint& p) {
  return {{"layer", p.layer}, {"norm", finite_or_null<Json>(p.norm)}};
}
Json json_of(const StatisticsPoint& p) {
  return {{"step", p.step},
          {"rule", p.rule},
          {"accuracy", finite_or_null<Json>(p.accuracy)},
          {"loss", finite_or_null<Json>(p.loss)}};
}

Json json_of(const ProbePoint& p);
Json json_of(const NormHistograms& norm);

template <typename Point>
Json list_of(const std::vector<Point>& points) {
  Json list = Json::array();
  for (const Point& point : points) list.push_back(json_of(point));
  return list;
}

Json json_of(const ProbePoint& p) {
  return {{"step", p.step},
          {"activations", list_of(p.activations)},
          {"gradients", list_of(p.gradients)}};
}

Json json_of(const NormHistograms& norm) {
  Json json = {{"layer", norm.layer}, {"tensors", Json::object()}};
  for (const auto& [name, histogram] : norm.tensors)
    json["tensors"][name] = {{"low", finite_or_null<Json>(histogram.low)},
                             {"high", finite_or_null<Json>(histogram.high)},
                             {"counts", histogram.counts}};
  return json;
}

RunRecord result_from(const Json& json) {
  RunRecord result;
  json.at("run").get_to(result.run);
  for (const Json& p : json.at("losses"))
    result.losses.push_back({p.at("step"), p.at("seconds"), number_from(p.at("loss"))});
  for (const Json& p : json.at("tests"))
    result.tests.push_back(
        {p.at("step"), p.at("seconds"), number_from(p.at("loss")), number_from(p.at("accuracy"))});
  for (const Json& p : json.at("probes")) {
    ProbePoint point;
    p.at("step").get_to(point.step);
    for (const Json& a : p.at("activations"))
      point.activations.push_back(
          {a.at("layer"), quantiles_from(a.at("all")), quantiles_from(a.at("unit"))});
    for (const Json& g : p.at("gradients"))
      point.gradients.push_back({g.at("layer"), number_from(g.at("norm"))});
    result.probes.push_back(std::move(point));
  }
  for (const Json& n : json.at("norms")) {
    NormHistograms norm{n.at("layer"), {}};
    for (const auto& [name, h] : n.at("tensors").items())
      norm.tensors.push_back(
          {name, {number_from(h.at("low")), number_from(h.at("high")), h.at("counts")}});
    result.norms.push_back(std::move(norm));
  }
  for (const Json& p : json.at("statistics"))
    result.statistics.push_back(
        {p.at("step"), p.at("rule"), number_from(p.at("accuracy")), number_from(p.at("loss"))});
  json.at("steps").get_to(result.steps);
  json.at("seconds").get_to(result.seconds);
  json.at("step_seconds").get_to(result.step_seconds);
  json.at("test_images").get_to(result.test_images);
  if (const Json& d = json.at("diverged"); !d.is_null())
    result.diverged = Divergence{d.at("step"), d.at("layer")};
  return result;
}

}  // namespace

std::string to_json(const RunRecord& result) {
  Json diverged;
  if (result.diverged)
    diverged = {{"step", result.diverged->step}, {"layer", result.diverged->layer}};
  const Json json = {{"run", result.run},
                     {"steps", result.steps},
                     {"seconds", result.seconds},
                     {"step_seconds", result.step_seconds},
                     {"test_images", result.test_images},
                     {"diverged", diverged},
                     {"losses", list_of(result.losses)},
                     {"tests", list_of(result.tests)},
                     {"probes", list_of(result.probes)},
                     {"norms", list_of(result.norms)},
                     {"statistics", list_of(result.statistics)}};
  return json.dump();
}

RunRecord record_from_json(const std::string& where, const std::string& text) {
  try {
    return result_from(parse_json<Json>(text));
  } catch (const Json::exception& error) {
    throw DataError(where, std::string("expected the result of a run: ") + error.what() +
                               "; remove it, and the run is made again");
  }
}

}  // namespace evenkeel::compare
