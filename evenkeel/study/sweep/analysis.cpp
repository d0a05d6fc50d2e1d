// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/analysis.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace evenkeel::sweep {
namespace {

struct Moments {
  double mean = std::nan("");
  double deviation = std::nan("");
};

Moments moments_of(const std::vector<double>& numbers) {
  Moments moments;
  if (numbers.empty()) return moments;
  const auto count = static_cast<double>(numbers.size());
  moments.mean = 0;
  for (const double number : numbers) moments.mean += number / count;
  if (numbers.size() < 2) return moments;
  double squares = 0;
  for (const double number : numbers) squares += (number - moments.mean) * (number - moments.mean);
  moments.deviation = std::sqrt(squares / (count - 1));
  return moments;
}

void finish(const Sweep& sweep, Combination& combination) {
  std::vector<double> accuracies;
  std::vector<double> losses;
  for (const std::size_t trial : combination.trials) {
    const Result& result = sweep.states[trial].result;
    combination.diverged += result.status == Status::diverged ? 1 : 0;
    combination.failed += result.status == Status::failed ? 1 : 0;
    combination.seconds += result.seconds;
    const auto look = best_look(sweep, trial);
    if (!look) continue;
    combination.epochs = std::max(combination.epochs, result.looks.back().epoch);
    accuracies.push_back(look->accuracy);
    losses.push_back(look->loss);
  }
  combination.scored = std::ssize(accuracies);
  const Moments accuracy = moments_of(accuracies);
  const Moments loss = moments_of(losses);
  combination.accuracy = accuracy.mean;
  combination.accuracy_deviation = accuracy.deviation;
  combination.loss = loss.mean;
  combination.loss_deviation = loss.deviation;
}

double score_of(const Combination& combination, Metric metric) {
  return metric == Metric::accuracy ? combination.accuracy : -combination.loss;
}

int group_of(const Combination& combination) {
  if (combination.scored == 0) return combination.diverged > 0 ? 2 : 3;
  return combination.diverged > 0 ? 1 : 0;
}

}  // namespace

std::optional<Look> best_look(const Sweep& sweep, std::size_t trial) {
  const Result& result = sweep.states[trial].result;
  if (result.status == Status::diverged) return std::nullopt;
  return best_look(result, sweep.plan.metric);
}

std::vector<Combination> ranking(const Sweep& sweep) {
  std::map<std::size_t, Combination> by_number;
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
    const Trial& trial = sweep.trials[i];
    Combination& combination = by_number[trial.combination];
    combination.number = trial.combination;
    combination.values = trial.values;
    combination.trials.push_back(i);
  }
  std::vector<Combination> all;
  for (auto& [number, combination] : by_number) {
    finish(sweep, combination);
    all.push_back(std::move(combination));
  }
  std::stable_sort(all.begin(), all.end(), [&](const Combination& a, const Combination& b) {
    if (group_of(a) != group_of(b)) return group_of(a) < group_of(b);
    if (a.scored == 0) return false;
    return score_of(a, sweep.plan.metric) > score_of(b, sweep.plan.metric);
  });
  return all;
}

Importance importance_of(const Sweep& sweep) {
  const bool asha = sweep.plan.strategy == Strategy::asha;
  std::optional<std::int64_t> epochs;
  if (asha) epochs = rungs_of(sweep.plan).front();
  std::vector<Observation> observations;
  for (std::size_t i = 0; i < sweep.trials.size(); ++i) {
    const RunState& state = sweep.states[i];
    const bool judged = state.result.status == Status::done || (asha && state.rungs > 0);
    const bool diverged = state.result.status == Status::diverged;
    if (!judged && !diverged) continue;
    const auto look = best_look(state.result, sweep.plan.metric, epochs);
    // With asha a run may have been judged, and diverged later.
    const bool scored = look && (!diverged || (asha && state.rungs > 0));
    observations.push_back(
        {sweep.trials[i].values, scored ? score_of(*look, sweep.plan.metric) : std::nan("")});
  }
  return importance_of(sweep.plan.parameters, std::move(observations));
}

Totals totals_of(const Sweep& sweep) {
  Totals totals;
  for (const RunState& state : sweep.states) switch (state.result.status) {
      case Status::done:
        ++totals.done;
        break;
      case Status::diverged:
        ++totals.diverged;
        break;
      case Status::failed:
        ++totals.failed;
        break;
      case Status::unfinished:
        ++totals.unfinished;
        break;
      case Status::waiting:
        ++totals.waiting;
        break;
    }
  return totals;
}

}  // namespace evenkeel::sweep
