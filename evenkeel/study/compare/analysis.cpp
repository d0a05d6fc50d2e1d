// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/compare/analysis.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace evenkeel::compare {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

double finite_median(std::vector<double> values) {
  values.erase(std::remove_if(values.begin(), values.end(),
                              [](double value) { return !std::isfinite(value); }),
               values.end());
  return median(std::move(values));
}

double ratio_of(const ProbePoint& probe) {
  if (probe.gradients.size() < 3) return kNothing;
  const double last_hidden = probe.gradients[probe.gradients.size() - 2].norm;
  return last_hidden > 0 ? probe.gradients.front().norm / last_hidden : kNothing;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return kNothing;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Analysis::Analysis(const Results& results) : results_(results) {
  const Study& study = results.study;
  for (std::size_t a = 0; a < study.alternatives.size(); ++a)
    for (std::size_t r = 0; r < study.learning_rates.size(); ++r)
      cells_.push_back({a, r, {}, {}, {}});
  const std::vector<Run> runs = runs_of(study);
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Cell& cell = cells_[runs[i].alternative * study.learning_rates.size() + runs[i].learning_rate];
    const RunRecord& record = results.records.at(i);
    cell.runs.push_back(&record);
    if (record.diverged)
      cell.diverged.push_back(record.diverged->step);
    else if (!record.tests.empty())
      cell.accuracies.push_back(record.tests.back().accuracy);
  }
}

const Cell& Analysis::cell(std::size_t alternative, std::size_t learning_rate) const {
  return cells_.at(alternative * results_.study.learning_rates.size() + learning_rate);
}

const Cell* Analysis::best(std::size_t alternative) const {
  const Cell* best = nullptr;
  for (const Cell& cell : cells_) {
    if (cell.alternative != alternative || cell.mostly_diverged() || cell.accuracies.empty())
      continue;
    if (best == nullptr || cell.accuracy() > best->accuracy()) best = &cell;
  }
  return best;
}

std::vector<Pair> pairs_of(const Study& study) {
  std::vector<Pair> pairs;
  for (std::size_t n = 0; n < study.alternatives.size(); ++n) {
    if (study.alternatives[n].norm.kind != NormKind::batch) continue;
    for (std::size_t p = 0; p < study.alternatives.size(); ++p)
      if (study.alternatives[p].norm.kind == NormKind::none &&
          study.alternatives[p].initial_deviation == study.alternatives[n].initial_deviation) {
        pairs.push_back({p, n});
        break;
      }
  }
  return pairs;
}

std::optional<Reached> reached(const Cell& cell, double target) {
  std::vector<double> steps;
  std::vector<double> seconds;
  for (const RunRecord* run : cell.runs) {
    const auto found =
        std::find_if(run->tests.begin(), run->tests.end(),
                     [&](const TestPoint& point) { return point.accuracy >= target; });
    const bool never = found == run->tests.end();
    steps.push_back(never ? kNever : static_cast<double>(found->step));
    seconds.push_back(never ? kNever : found->seconds);
  }
  const Reached result{median(steps), median(seconds)};
  if (!std::isfinite(result.steps)) return std::nullopt;
  return result;
}

GradientRatio gradient_ratio(const Cell& cell) {
  std::vector<double> start;
  std::vector<double> training;
  for (const RunRecord* run : cell.runs) {
    std::vector<double> ratios;
    for (const ProbePoint& probe : run->probes)
      (probe.step == 0 ? start : ratios).push_back(ratio_of(probe));
    training.push_back(finite_median(std::move(ratios)));
  }
  return {finite_median(std::move(start)), finite_median(std::move(training))};
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::in_part:
      return "holds in part";
    case Verdict::fails:
      return "does not hold";
    case Verdict::open:
      return "left open";
    default:
      return "no verdict";
  }
}

}  // namespace evenkeel::compare
