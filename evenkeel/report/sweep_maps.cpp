// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "evenkeel/report/axis.h"
#include "evenkeel/report/sweep_charts.h"
#include "evenkeel/report/sweep_levels.h"

namespace evenkeel::sweep {
namespace {

constexpr const char* kRate = "train.lr";
constexpr const char* kBatchKey = "train.batch";
constexpr const char* kBatchNorm = "model.batch_norm";
constexpr std::size_t kMostMapLevels = 8;
constexpr double kFaintest = 0.12;  // of the worst score: more than a square without one

// Which parameters are drawn where.
struct Places {
  std::optional<std::size_t> column;
  std::optional<std::size_t> row;
  std::optional<std::size_t> facet;
};

std::optional<std::size_t> parameter_named(const Sweep& sweep, const std::string& key) {
  for (std::size_t i = 0; i < sweep.plan.parameters.size(); ++i)
    if (sweep.plan.parameters[i].key == key) return i;
  return std::nullopt;
}

Places places_of(const Sweep& sweep) {
  Places places;
  if (sweep.plan.parameters.size() > 1) places.facet = parameter_named(sweep, kBatchNorm);
  places.column = parameter_named(sweep, kRate);
  places.row = parameter_named(sweep, kBatchKey);
  // Those that matter most take the places that are left, columns first.
  std::vector<std::size_t> order;
  for (const ParameterImportance& each : importance_of(sweep).parameters)
    order.push_back(*parameter_named(sweep, each.key));
  for (std::size_t i = 0; i < sweep.plan.parameters.size(); ++i) order.push_back(i);
  for (const std::size_t each : order) {
    if (each == places.column || each == places.row || each == places.facet) continue;
    if (!places.column)
      places.column = each;
    else if (!places.row)
      places.row = each;
  }
  if (!places.column) std::swap(places.column, places.row);
  return places;
}

// One place for all where there is no parameter.
SweepLevels levels_at(const Sweep& sweep, const std::optional<std::size_t>& parameter) {
  if (parameter) return levels_of(sweep, *parameter, kMostMapLevels);
  return {"", {""}, {}};
}

std::size_t level_of(const SweepLevels& levels, const Values& values,
                     const std::optional<std::size_t>& parameter) {
  return parameter ? levels.level.at(values[*parameter]) : 0;
}

double score_of(const Combination& combination, Metric metric) {
  return metric == Metric::accuracy ? combination.accuracy : combination.loss;
}

// As far as the logarithm of what is missing, so that 98 and 99 % are not the same shade.
double shade_of(double score, Metric metric, double best, double worst) {
  const auto place = [&](double value) {
    constexpr double kLeast = 1e-5;
    return std::log(std::max(kLeast, metric == Metric::accuracy ? 1 - value : value));
  };
  const double width = place(worst) - place(best);
  if (!(width > 0)) return 1;
  return kFaintest + (1 - kFaintest) * (place(worst) - place(score)) / width;
}

std::string facet_title(const std::string& value) {
  if (value == "true") return "with batch norm";
  return value == "false" ? "without batch norm" : value;
}

}  // namespace

std::vector<SweepMap> sweep_maps(const Sweep& sweep) {
  const auto ranked = ranking(sweep);
  std::vector<double> scores;
  for (const Combination& each : ranked)
    if (each.scored > 0) scores.push_back(score_of(each, sweep.plan.metric));
  if (scores.empty()) return {};
  const bool accuracy = sweep.plan.metric == Metric::accuracy;
  const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
  const double best = accuracy ? *high : *low;
  const double worst = accuracy ? *low : *high;

  const Places places = places_of(sweep);
  const SweepLevels columns = levels_at(sweep, places.column);
  const SweepLevels rows = levels_at(sweep, places.row);
  const SweepLevels facets = levels_at(sweep, places.facet);
  std::vector<SweepMap> maps(facets.names.size());
  for (std::size_t i = 0; i < maps.size(); ++i) {
    maps[i].title = places.facet ? facet_title(facets.names[i]) : "";
    maps[i].map = {fmt::format("Validation {} by {} and {} {}", to_string(sweep.plan.metric),
                               columns.key, rows.key, maps[i].title),
                   rows.key,
                   columns.key,
                   rows.names,
                   columns.names,
                   {}};
  }
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, bool> taken;
  for (const Combination& each : ranked) {  // the best first
    if (each.scored == 0 && each.diverged == 0) continue;
    const std::size_t facet = level_of(facets, each.values, places.facet);
    HeatCell cell;
    cell.row = level_of(rows, each.values, places.row);
    cell.column = level_of(columns, each.values, places.column);
    if (!taken.emplace(std::tuple(facet, cell.row, cell.column), true).second) continue;
    cell.style = 1;
    cell.about = values_text(sweep, each.values);
    if (each.scored > 0) {
      const double score = score_of(each, sweep.plan.metric);
      cell.shade = shade_of(score, sweep.plan.metric, best, worst);
      cell.text = accuracy ? fmt::format("{:.2f}", 100 * score) : short_number(score);
    } else {
      cell.text = "div.";
      cell.about += ": diverged";
    }
    maps[facet].map.cells.push_back(std::move(cell));
  }
  return maps;
}

}  // namespace evenkeel::sweep
