// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/run_curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "evenkeel/report/tables.h"
#include "evenkeel/report/thinning.h"

namespace evenkeel {
namespace {

using Member = double MetricsRow::*;

constexpr int kTraining = 1;  // styles
constexpr int kValidation = 2;
constexpr int kTest = 3;
constexpr double kMemories = 60;           // a smoothed line remembers a 60th of its rows
constexpr std::size_t kSmoothedFrom = 20;  // rows; fewer are shown as they are

Points points_of(const std::vector<MetricsRow>& rows, const std::string& event,
                 const std::string& split, Member member) {
  Points points;
  for (const MetricsRow& row : rows) {
    if (row.event != event || row.split != split) continue;
    points.x.push_back(static_cast<double>(row.step));
    points.y.push_back(row.*member);
  }
  return points;
}

bool has_value(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(),
                     [](double value) { return std::isfinite(value); });
}

ChartSeries series_of(const std::string& name, int style, const Points& points, std::size_t most) {
  Points few = thinned(points, most);
  ChartSeries series{name, style};
  series.x = std::move(few.x);
  series.y = std::move(few.y);
  return series;
}

// Each batch thin and pale, and a smoothed line over them.
void add_batches(LineChart& chart, const Points& points, std::size_t most) {
  if (!has_value(points.y)) return;
  if (points.y.size() < kSmoothedFrom) {
    chart.series.push_back(series_of("training", kTraining, points, most));
    chart.series.back().dots = true;
    return;
  }
  chart.series.push_back(series_of("training, batch by batch", kTraining, points, most));
  chart.series.back().faint = true;
  Points smooth{points.x, smoothed(points.y, static_cast<double>(points.y.size()) / kMemories)};
  chart.series.push_back(series_of("training", kTraining, smooth, most));
}

void add_evaluations(LineChart& chart, const std::string& split, int style, const Points& points,
                     std::size_t most) {
  if (!has_value(points.y)) return;
  chart.series.push_back(series_of(split, style, points, most));
  chart.series.back().dots = points.x.size() <= 60;
}

// Epochs stand in where no batches were written.
Points training_points(const std::vector<MetricsRow>& rows, Member member) {
  Points points = points_of(rows, "batch", "", member);
  return points.x.empty() ? points_of(rows, "epoch", "", member) : points;
}

// Of the test images, with the result at the end.
Points test_points(const std::vector<MetricsRow>& rows, Member member) {
  Points points = points_of(rows, "evaluation", "test", member);
  for (const MetricsRow& row : rows) {
    const auto step = static_cast<double>(row.step);
    if (row.event != "done" || (!points.x.empty() && points.x.back() == step)) continue;
    points.x.push_back(step);
    points.y.push_back(row.*member);
  }
  return points;
}

// Logarithms where numbers of different sizes stand beside each other.
AxisScale scale_for(const LineChart& chart, double least_ratio) {
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const ChartSeries& series : chart.series)
    for (const double value : series.y) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  return low > 0 && high > least_ratio * low ? AxisScale::log : AxisScale::linear;
}

// As far as the lines reach that are no single batches, whose accuracy is often 1.
void set_accuracy_axis(ChartAxis& axis, const std::vector<ChartSeries>& series) {
  double low = 1;
  double high = 0;
  for (const ChartSeries& each : series)
    for (const double value : each.y) {
      if (each.faint || !std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  constexpr double kGood = 0.6;
  if (high < kGood || low < 0 || high > 1) return;  // linear, as far as needed
  axis.scale = AxisScale::accuracy;
  axis.low = std::max(0.0, low - 0.02);
  axis.high = std::max(high + 0.3 * (1 - high), *axis.low + 1e-3);
}

void mark_first_gap(LineChart& chart, const Points& points) {
  for (std::size_t i = 1; i < points.y.size(); ++i) {
    if (std::isfinite(points.y[i])) continue;
    if (std::isfinite(points.y[i - 1]))
      chart.marks.push_back({points.x[i - 1], points.y[i - 1], kTraining,
                             fmt::format("not finite at step {}", std::llround(points.x[i]))});
    return;
  }
}

LineChart chart_of(const std::string& title, const std::string& y) {
  LineChart chart;
  chart.title = title;
  chart.x.title = "step";
  chart.x.whole = true;
  chart.y.title = y;
  return chart;
}

void keep_shown(std::vector<Curve>& curves, Curve curve) {
  const auto shows = [](const ChartSeries& series) { return has_value(series.y); };
  if (std::any_of(curve.chart.series.begin(), curve.chart.series.end(), shows))
    curves.push_back(std::move(curve));
}

LineChart quality_chart(const std::vector<MetricsRow>& rows, const char* title, const char* y,
                        Member member, std::size_t points) {
  LineChart chart = chart_of(title, y);
  add_batches(chart, training_points(rows, member), points);
  add_evaluations(chart, "validation", kValidation,
                  points_of(rows, "evaluation", "validation", member), points);
  add_evaluations(chart, "test", kTest, test_points(rows, member), points);
  return chart;
}

LineChart shared_chart(const std::vector<NamedRows>& runs, const char* title, const char* y,
                       Points (*of)(const std::vector<MetricsRow>&), std::size_t points) {
  LineChart chart = chart_of(title, y);
  for (const NamedRows& run : runs) {
    const Points all = of(*run.rows);
    if (!has_value(all.y)) continue;
    chart.series.push_back(series_of(run.name, run.style, all, points));
    chart.series.back().dots = all.x.size() <= 30;
  }
  return chart;
}

}  // namespace

std::vector<Curve> curves_of(const std::vector<MetricsRow>& rows, std::size_t points) {
  std::vector<Curve> curves;
  LineChart loss = quality_chart(rows, "Loss by step", "loss", &MetricsRow::loss, points);
  loss.y.scale = scale_for(loss, 20);
  mark_first_gap(loss, training_points(rows, &MetricsRow::loss));
  keep_shown(curves, {std::move(loss), short_number});

  LineChart accuracy =
      quality_chart(rows, "Accuracy by step", "accuracy", &MetricsRow::accuracy, points);
  set_accuracy_axis(accuracy.y, accuracy.series);
  keep_shown(curves, {std::move(accuracy), [](double value) { return percent_text(value); }});

  LineChart rate = chart_of("Learning rate by step", "learning rate");
  rate.series.push_back(series_of("learning rate", kTraining,
                                  points_of(rows, "batch", "", &MetricsRow::learning_rate),
                                  points));
  rate.y.scale = scale_for(rate, 50);
  keep_shown(curves, {std::move(rate), short_number});

  LineChart speed = chart_of("Images a second, by step", "images a second");
  add_batches(speed, training_points(rows, &MetricsRow::images_per_second), points);
  speed.y.low = 0;
  keep_shown(curves, {std::move(speed), short_number});
  return curves;
}

std::vector<Curve> shared_curves(const std::vector<NamedRows>& runs, std::size_t points) {
  using Rows = std::vector<MetricsRow>;
  std::vector<Curve> curves;
  LineChart accuracy = shared_chart(
      runs, "Accuracy on validation images by step", "validation accuracy",
      [](const Rows& rows) {
        return points_of(rows, "evaluation", "validation", &MetricsRow::accuracy);
      },
      points);
  set_accuracy_axis(accuracy.y, accuracy.series);
  keep_shown(curves, {std::move(accuracy), [](double value) { return percent_text(value); }});

  LineChart validation = shared_chart(
      runs, "Loss on validation images by step", "validation loss",
      [](const Rows& rows) {
        return points_of(rows, "evaluation", "validation", &MetricsRow::loss);
      },
      points);
  validation.y.scale = scale_for(validation, 20);
  keep_shown(curves, {std::move(validation), short_number});

  LineChart loss = shared_chart(
      runs, "Training loss by step, smoothed", "training loss",
      [](const Rows& rows) {
        Points all = training_points(rows, &MetricsRow::loss);
        if (all.y.size() >= kSmoothedFrom)
          all.y = smoothed(all.y, static_cast<double>(all.y.size()) / kMemories);
        return all;
      },
      points);
  loss.y.scale = scale_for(loss, 20);
  keep_shown(curves, {std::move(loss), short_number});

  LineChart rate = shared_chart(
      runs, "Learning rate by step", "learning rate",
      [](const Rows& rows) { return points_of(rows, "batch", "", &MetricsRow::learning_rate); },
      points);
  rate.y.scale = scale_for(rate, 50);
  keep_shown(curves, {std::move(rate), short_number});
  return curves;
}

}  // namespace evenkeel
