// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/asha.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace evenkeel::sweep {
namespace {

using Trials = std::vector<AshaTrial>;

// Rungs that it is through with: those done, and one on which it failed.
std::size_t through(const AshaTrial& trial) { return trial.scores.size() + (trial.over ? 1 : 0); }

double score_at(const AshaTrial& trial, std::size_t rung) {
  constexpr double kWorst = -std::numeric_limits<double>::infinity();
  if (rung >= trial.scores.size() || std::isnan(trial.scores[rung])) return kWorst;
  return trial.scores[rung];
}

// Those through with a rung, the best first.
std::vector<std::size_t> ranking(const Trials& trials, std::size_t rung) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (through(trials[i]) > rung) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return score_at(trials[a], rung) > score_at(trials[b], rung);
  });
  return order;
}

bool waits_behind(const AshaTrial& trial, std::size_t rung) {
  return trial.scores.size() == rung + 1 && !trial.running && !trial.over;
}

std::optional<AshaStep> promotion(const Trials& trials, std::size_t rung, int reduction) {
  const auto order = ranking(trials, rung);
  const std::size_t among = order.size() / static_cast<std::size_t>(reduction);
  for (std::size_t place = 0; place < among; ++place)
    if (waits_behind(trials[order[place]], rung)) return AshaStep{order[place], rung + 1};
  return std::nullopt;
}

std::optional<AshaStep> last_one(const Trials& trials, std::size_t rungs) {
  for (const AshaTrial& trial : trials)
    if (trial.scores.size() == rungs) return std::nullopt;
  for (std::size_t rung = rungs - 1; rung-- > 0;)
    for (const std::size_t each : ranking(trials, rung))
      if (waits_behind(trials[each], rung)) return AshaStep{each, rung + 1};
  return std::nullopt;
}

}  // namespace

std::optional<AshaStep> next_step(const Trials& trials, std::size_t rungs, int reduction) {
  if (rungs == 0) return std::nullopt;
  for (std::size_t rung = rungs - 1; rung-- > 0;)
    if (const auto step = promotion(trials, rung, reduction)) return step;
  for (std::size_t i = 0; i < trials.size(); ++i)
    if (trials[i].scores.empty() && !trials[i].running && !trials[i].over) return AshaStep{i, 0};
  const bool any_running = std::any_of(trials.begin(), trials.end(),
                                       [](const AshaTrial& trial) { return trial.running; });
  return any_running ? std::nullopt : last_one(trials, rungs);
}

}  // namespace evenkeel::sweep
