// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "evenkeel/study/compare/verdict_text.h"

namespace evenkeel::compare {
namespace {

// Of the input of one unit over a run: how far its median moves, and how many times its spread from
// 15 to 85 % grows.
struct Movement {
  double median = 0;
  double growth = 1;
};

Movement movement_of(const RunRecord& run) {
  std::vector<double> medians;
  std::vector<double> widths;
  for (const ProbePoint& probe : run.probes) {
    if (probe.activations.empty()) continue;
    const Quantiles& unit = probe.activations.back().unit;
    medians.push_back(unit[1]);
    widths.push_back(unit[2] - unit[0]);
  }
  if (medians.size() < 2) return {std::nan(""), std::nan("")};
  const auto [low, high] = std::minmax_element(medians.begin(), medians.end());
  const auto [thin, wide] = std::minmax_element(widths.begin(), widths.end());
  return {*high - *low, *thin > 0 ? *wide / *thin : std::nan("")};
}

Movement movement_of(const Cell& cell) {
  std::vector<double> medians;
  std::vector<double> growths;
  for (const RunRecord* run : cell.runs) {
    const Movement each = movement_of(*run);
    if (!std::isfinite(each.median) || !std::isfinite(each.growth)) continue;
    medians.push_back(each.median);
    growths.push_back(each.growth);
  }
  return {median(std::move(medians)), median(std::move(growths))};
}

// A rate trains where it comes within a tenth of the best accuracy of all.
std::vector<double> training_rates(const Analysis& analysis, std::size_t alternative, double best) {
  constexpr double kTrains = 0.9;
  std::vector<double> result;
  const auto& all = analysis.results().study.learning_rates;
  for (std::size_t r = 0; r < all.size(); ++r) {
    const Cell& cell = analysis.cell(alternative, r);
    if (!cell.mostly_diverged() && cell.accuracy() >= kTrains * best) result.push_back(all[r]);
  }
  return result;
}

std::string list_of(const std::vector<double>& rates) {
  std::string text;
  for (const double rate : rates) text += fmt::format("{}{:g}", text.empty() ? "" : ", ", rate);
  return text.empty() ? "none" : text;
}

}  // namespace

Judgement stability(const Analysis& analysis) {
  Judgement result{"more stable distributions", Verdict::unknown, {}};
  std::vector<Verdict> verdicts;
  for (const Pair& pair : pairs_of(analysis.results().study)) {
    const Cell* plain = analysis.best(pair.plain);
    const Cell* normed = analysis.best(pair.normed);
    if (plain == nullptr || normed == nullptr) continue;
    const Movement p = movement_of(*plain);
    const Movement n = movement_of(*normed);
    if (!std::isfinite(p.median) || !std::isfinite(n.median)) continue;
    const bool median_moves_less = n.median < p.median;
    const bool grows_less = n.growth < p.growth;
    verdicts.push_back(median_moves_less && grows_less   ? Verdict::holds
                       : median_moves_less || grows_less ? Verdict::in_part
                                                         : Verdict::fails);
    result.in_short = fmt::format(
        "the median of a unit's input moves by {} against {}, its spread varies {} times against "
        "{}",
        ratio_text(n.median), ratio_text(p.median), ratio_text(n.growth), ratio_text(p.growth));
    result.evidence.push_back(fmt::format(
        "What goes into one unit of the last hidden layer: over training its median moves by {} "
        "for "
        "{} and {} for {}, and its spread from 15 to 85 % varies {} times and {} times.",
        ratio_text(n.median), name_of(analysis, *normed), ratio_text(p.median),
        name_of(analysis, *plain), ratio_text(n.growth), ratio_text(p.growth)));
  }
  result.verdict = together(verdicts);
  if (result.evidence.size() != 1) result.in_short.clear();
  return result;
}

Judgement rates(const Analysis& analysis) {
  Judgement result{"wider range of learning rates", Verdict::unknown, {}};
  const Study& study = analysis.results().study;
  if (study.learning_rates.size() < 2) return result;
  double best = 0;
  for (std::size_t a = 0; a < study.alternatives.size(); ++a)
    if (const Cell* cell = analysis.best(a)) best = std::max(best, cell->accuracy());
  std::vector<Verdict> verdicts;
  for (const Pair& pair : pairs_of(study)) {
    const auto plain = training_rates(analysis, pair.plain, best);
    const auto normed = training_rates(analysis, pair.normed, best);
    // Where all rates train there is none that only one of them could take.
    if (std::min(plain.size(), normed.size()) < study.learning_rates.size())
      verdicts.push_back(normed.size() > plain.size() ? Verdict::holds : Verdict::fails);
    result.evidence.push_back(fmt::format(
        "Of the rates {}, those that come within a tenth of the best accuracy ({}) are {} for '{}' "
        "and {} for '{}'.",
        list_of(study.learning_rates), percent(best), list_of(normed),
        study.alternatives[pair.normed].name, list_of(plain), study.alternatives[pair.plain].name));
  }
  result.verdict = together(verdicts);
  return result;
}

}  // namespace evenkeel::compare
