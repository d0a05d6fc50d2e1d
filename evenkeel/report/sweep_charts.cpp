// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/sweep_charts.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/report/sweep_levels.h"
#include "evenkeel/report/thinning.h"

namespace evenkeel::sweep {
namespace {

constexpr std::size_t kMostColours = 7;
constexpr std::size_t kPoints = 80;
constexpr double kMemory = 5;  // rows of metrics that a training loss is smoothed over

std::size_t column_of(const Sweep& sweep, const std::string& key) {
  const auto& parameters = sweep.plan.parameters;
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const Parameter& each) { return each.key == key; });
  return static_cast<std::size_t>(found - parameters.begin());
}

SweepLevels colour_levels(const Sweep& sweep) {
  const Importance importance = importance_of(sweep);
  const std::size_t parameter =
      importance.parameters.empty() ? 0 : column_of(sweep, importance.parameters.front().key);
  return levels_of(sweep, parameter, kMostColours);
}

int style_of(std::size_t level) { return 1 + static_cast<int>(level % kMostColours); }

// Curves with what they have in common; `fill` adds the points of one run.
template <typename Fill>
SweepCurves curves_of(const Sweep& sweep, Fill fill) {
  SweepCurves curves;
  const SweepLevels levels = colour_levels(sweep);
  const std::size_t by = column_of(sweep, levels.key);
  for (std::size_t i = 0; i < levels.names.size(); ++i)
    curves.colours.push_back({levels.key + " = " + levels.names[i], style_of(i)});
  std::vector<ChartSeries>& series = curves.chart.series;
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
    ChartSeries line{"", style_of(levels.level.at(sweep.trials[i].values[by]))};
    fill(sweep.states[i].result, line);
    if (line.x.empty()) continue;
    line.dots = line.x.size() == 1;
    line.faint = true;
    if (sweep.states[i].result.status == Status::diverged)
      curves.chart.marks.push_back({line.x.back(), line.y.back(), line.style, ""});
    series.push_back(std::move(line));
  }
  const auto ranked = ranking(sweep);
  if (ranked.empty() || ranked.front().scored == 0) return curves;
  for (const std::size_t trial : ranked.front().trials) {
    ChartSeries line{"best", style_of(levels.level.at(sweep.trials[trial].values[by]))};
    fill(sweep.states[trial].result, line);
    line.dots = line.x.size() == 1;
    if (!line.x.empty()) series.push_back(std::move(line));
  }
  return curves;
}

}  // namespace

std::string values_text(const Sweep& sweep, const Values& values) {
  const auto names = short_names(sweep.plan.parameters);
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i)
    text += (i == 0 ? "" : ", ") + names[i] + " " + values[i];
  return text;
}

SweepCurves validation_curves(const Sweep& sweep) {
  const bool accuracy = sweep.plan.metric == Metric::accuracy;
  SweepCurves curves = curves_of(sweep, [&](const Result& result, ChartSeries& line) {
    for (const Look& look : result.looks) {
      line.x.push_back(static_cast<double>(look.epoch));
      line.y.push_back(accuracy ? look.accuracy : look.loss);
    }
  });
  curves.chart.title = accuracy ? "Validation accuracy by epoch" : "Validation loss by epoch";
  curves.chart.x = {.title = "epochs", .whole = true};
  curves.chart.y = {accuracy ? "validation accuracy" : "validation loss",
                    accuracy ? AxisScale::accuracy : AxisScale::log};
  return curves;
}

SweepCurves training_curves(const Sweep& sweep) {
  SweepCurves curves = curves_of(sweep, [&](const Result& result, ChartSeries& line) {
    const Points points = thinned({result.steps, smoothed(result.losses, kMemory)}, kPoints);
    line.x = points.x;
    line.y = points.y;
  });
  curves.chart.title = "Training loss by step";
  curves.chart.x = {.title = "steps", .whole = true};
  curves.chart.y = {"training loss, smoothed", AxisScale::log};
  return curves;
}

}  // namespace evenkeel::sweep
