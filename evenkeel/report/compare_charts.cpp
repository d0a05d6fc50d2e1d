// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/compare_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "evenkeel/report/html.h"

namespace evenkeel {
namespace {

using compare::Analysis;
using compare::Cell;
using compare::RunRecord;

constexpr const char kStepsTitle[] = "steps";
constexpr const char kSeconds[] = "seconds of training";

// The seeds' points step by step: a step that a seed did not reach counts the others alone.
struct Gathered {
  std::map<std::int64_t, std::vector<double>> values;
  std::map<std::int64_t, std::vector<double>> seconds;
};

template <typename Points, typename Value>
Gathered gather(const Cell& cell, Points points, Value value) {
  Gathered result;
  for (const RunRecord* run : cell.runs)
    for (const auto& point : points(*run)) {
      result.values[point.step].push_back(value(point));
      result.seconds[point.step].push_back(point.seconds);
    }
  return result;
}

ChartSeries series_of(const Gathered& gathered, const std::string& name, int style, Over over) {
  ChartSeries series{name, style};
  for (const auto& [step, values] : gathered.values) {
    series.x.push_back(over == Over::steps ? static_cast<double>(step)
                                           : compare::median(gathered.seconds.at(step)));
    series.y.push_back(compare::median(values));
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    series.low.push_back(*low);
    series.high.push_back(*high);
  }
  return series;
}

std::string name_of(const Analysis& analysis, const Cell& cell) {
  return analysis.alternative(cell).name;
}

// Where runs ended that diverged: at the last point that such a run has.
template <typename Points, typename Value>
void add_marks(LineChart& chart, const std::vector<const Cell*>& cells, Points points, Value value,
               Over over) {
  for (std::size_t i = 0; i < cells.size(); ++i)
    for (const RunRecord* run : cells[i]->runs) {
      const auto all = points(*run);
      if (!run->diverged || all.empty()) continue;
      const double x =
          over == Over::steps ? static_cast<double>(all.back().step) : all.back().seconds;
      chart.marks.push_back({x, value(all.back()), chart.series[i].style,
                             fmt::format("diverged at step {}", run->diverged->step)});
    }
}

ChartAxis axis_over(Over over) {
  return {over == Over::steps ? kStepsTitle : kSeconds, AxisScale::linear, 0, std::nullopt};
}

// A line of one layer or quantile through the probes of a run.
template <typename Value>
ChartSeries probe_series(const RunRecord& run, const std::string& name, int style, Value value) {
  ChartSeries series{name, style};
  for (const compare::ProbePoint& probe : run.probes) {
    series.x.push_back(static_cast<double>(probe.step));
    series.y.push_back(value(probe));
  }
  return series;
}

}  // namespace

int style_of(const compare::Study& study, std::size_t alternative) {
  const auto& all = study.alternatives;
  const auto is_none = [](const compare::Alternative& each) {
    return each.norm.kind == compare::NormKind::none;
  };
  constexpr auto kColours = static_cast<std::size_t>(html::kColours);
  if (all.size() < kColours) {
    // A colour each; grey and dashed is none, where there is one.
    if (std::count_if(all.begin(), all.end(), is_none) > 1) return static_cast<int>(alternative);
    if (is_none(all[alternative])) return 0;
    const auto begin = all.begin();
    return static_cast<int>(1 + alternative -
                            static_cast<std::size_t>(std::count_if(
                                begin, begin + static_cast<std::ptrdiff_t>(alternative), is_none)));
  }
  // A colour each norm; other dashes for what else differs: place, initial weights.
  std::vector<compare::Norm> norms = {compare::Norm{compare::NormKind::none}};
  std::size_t variation = 0;
  for (std::size_t i = 0; i <= alternative; ++i) {
    if (i < alternative && all[i].norm == all[alternative].norm) ++variation;
    if (std::find(norms.begin(), norms.end(), all[i].norm) == norms.end())
      norms.push_back(all[i].norm);
  }
  const auto norm = static_cast<std::size_t>(
      std::find(norms.begin(), norms.end(), all[alternative].norm) - norms.begin());
  return static_cast<int>(norm % kColours + kColours * (variation + 2 * (norm / kColours)));
}

LineChart accuracy_chart(const Analysis& analysis, const std::vector<const Cell*>& cells,
                         Over over) {
  const compare::Study& study = analysis.results().study;
  // The paper's Figure 1(a) has a linear axis from 0.7 to 1.
  const bool figure = study.preset == "ioffe2015";
  LineChart chart{"Test accuracy over " + std::string(over == Over::steps ? kStepsTitle : kSeconds),
                  axis_over(over),
                  {"test accuracy", figure ? AxisScale::linear : AxisScale::accuracy},
                  {}};
  if (figure) chart.y = {"test accuracy", AxisScale::linear, 0.7, 1.0};
  const auto points = [](const RunRecord& run) { return run.tests; };
  const auto value = [](const compare::TestPoint& point) { return point.accuracy; };
  for (const Cell* cell : cells)
    chart.series.push_back(series_of(gather(*cell, points, value), name_of(analysis, *cell),
                                     style_of(study, cell->alternative), over));
  add_marks(chart, cells, points, value, over);
  return chart;
}

LineChart loss_chart(const Analysis& analysis, const std::vector<const Cell*>& cells, Over over) {
  LineChart chart{"Training loss over " + std::string(over == Over::steps ? kStepsTitle : kSeconds),
                  axis_over(over),
                  {"training loss", AxisScale::log},
                  {}};
  const auto points = [](const RunRecord& run) { return run.losses; };
  const auto value = [](const compare::LossPoint& point) { return point.loss; };
  for (const Cell* cell : cells)
    chart.series.push_back(series_of(gather(*cell, points, value), name_of(analysis, *cell),
                                     style_of(analysis.results().study, cell->alternative), over));
  add_marks(chart, cells, points, value, over);
  return chart;
}

LineChart quantile_chart(const Cell& cell, const std::string& layer, Units units, int style) {
  const RunRecord& run = *cell.runs.front();
  LineChart chart{"15, 50 and 85 % of what goes into " + layer,
                  axis_over(Over::steps),
                  {"input of " + layer},
                  {}};
  constexpr std::array<const char*, 3> kNames = {"15 %", "50 %", "85 %"};
  for (std::size_t q = 0; q < kNames.size(); ++q)
    chart.series.push_back(
        probe_series(run, kNames[q], style, [&](const compare::ProbePoint& probe) {
          for (const compare::ActivationPoint& point : probe.activations)
            if (point.layer == layer) return units == Units::all ? point.all[q] : point.unit[q];
          return std::numeric_limits<double>::quiet_NaN();
        }));
  ChartSeries& middle = chart.series[1];
  middle.low = chart.series[0].y;
  middle.high = chart.series[2].y;
  return chart;
}

LineChart gradient_chart(const Cell& cell) {
  const RunRecord& run = *cell.runs.front();
  LineChart chart{"Norm of each kernel's gradient over steps",
                  axis_over(Over::steps),
                  {"norm of the gradient", AxisScale::log},
                  {}};
  if (run.probes.empty()) return chart;
  const auto& layers = run.probes.front().gradients;
  for (std::size_t i = 0; i < layers.size(); ++i)
    chart.series.push_back(probe_series(
        run, layers[i].layer, static_cast<int>(i) + 1, [&](const compare::ProbePoint& probe) {
          return i < probe.gradients.size() ? probe.gradients[i].norm
                                            : std::numeric_limits<double>::quiet_NaN();
        }));
  return chart;
}

LineChart statistics_chart(const compare::Results& results) {
  LineChart chart{"Test accuracy after a step, by the statistics that it is predicted with",
                  {"steps of training", AxisScale::log},
                  {"test accuracy", AxisScale::accuracy},
                  {}};
  std::vector<std::string> rules;
  for (const RunRecord& run : results.records)
    for (const compare::StatisticsPoint& point : run.statistics)
      if (std::find(rules.begin(), rules.end(), point.rule) == rules.end())
        rules.push_back(point.rule);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    Gathered gathered;
    for (const RunRecord& run : results.records)
      for (const compare::StatisticsPoint& point : run.statistics)
        if (point.rule == rules[i]) gathered.values[point.step].push_back(point.accuracy);
    chart.series.push_back(series_of(gathered, rules[i], static_cast<int>(i) + 1, Over::steps));
    chart.series.back().dots = true;
  }
  return chart;
}

}  // namespace evenkeel
