// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/sweep/importance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace evenkeel::sweep {
namespace {

using Observations = std::vector<Observation>;
using Levels = std::vector<std::size_t>;  // which group each observation is in

double mean_of(const Observations& all) {
  double sum = 0;
  for (const Observation& each : all) sum += each.score;
  return sum / static_cast<double>(all.size());
}

double squares_of(const Observations& all) {
  const double mean = mean_of(all);
  double sum = 0;
  for (const Observation& each : all) sum += (each.score - mean) * (each.score - mean);
  return sum;
}

// Of the groups' means around the mean of all, each as often as it has observations.
double squares_between(const Observations& all, const Levels& levels) {
  struct Sum {
    double scores = 0;
    double count = 0;
  };
  std::map<std::size_t, Sum> sums;
  for (std::size_t i = 0; i < all.size(); ++i) {
    sums[levels[i]].scores += all[i].score;
    ++sums[levels[i]].count;
  }
  const double mean = mean_of(all);
  double squares = 0;
  for (const auto& [level, sum] : sums) {
    const double distance = sum.scores / sum.count - mean;
    squares += sum.count * distance * distance;
  }
  return squares;
}

void fill_in_the_worst(Observations& all) {
  double worst = INFINITY;
  for (const Observation& each : all)
    if (std::isfinite(each.score)) worst = std::min(worst, each.score);
  for (Observation& each : all)
    if (!std::isfinite(each.score)) each.score = worst;
}

std::map<std::string, std::size_t> numbered_values(const Observations& all, std::size_t parameter) {
  std::map<std::string, std::size_t> numbers;
  for (const Observation& each : all) numbers.emplace(each.values[parameter], numbers.size());
  return numbers;
}

Levels levels_by_value(const Observations& all, std::size_t parameter) {
  const auto numbers = numbered_values(all, parameter);
  Levels levels;
  for (const Observation& each : all) levels.push_back(numbers.at(each.values[parameter]));
  return levels;
}

Levels levels_by_combination(const Observations& all) {
  std::map<Values, std::size_t> numbers;
  for (const Observation& each : all) numbers.emplace(each.values, numbers.size());
  Levels levels;
  for (const Observation& each : all) levels.push_back(numbers.at(each.values));
  return levels;
}

// Bins by rank; equal numbers are never apart.
Levels levels_by_size(const Observations& all, std::size_t parameter) {
  std::vector<double> sorted;
  for (const Observation& each : all)
    sorted.push_back(number_of(each.values[parameter]).value_or(0));
  const std::vector<double> numbers = sorted;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t bins = std::clamp<std::size_t>(sorted.size() / kMostLevels, 2, kMostLevels);
  Levels levels;
  for (const double number : numbers) {
    const auto rank = static_cast<std::size_t>(
        std::lower_bound(sorted.begin(), sorted.end(), number) - sorted.begin());
    levels.push_back(rank * bins / sorted.size());
  }
  return levels;
}

Levels levels_of(const Observations& all, std::size_t parameter) {
  const auto numbers = numbered_values(all, parameter);
  const bool sizes = std::all_of(numbers.begin(), numbers.end(), [](const auto& each) {
    return number_of(each.first).has_value();
  });
  return sizes && numbers.size() > kMostLevels ? levels_by_size(all, parameter)
                                               : levels_by_value(all, parameter);
}

bool is_factorial(const Observations& all, std::size_t parameters) {
  std::size_t combinations = 1;
  for (std::size_t i = 0; i < parameters; ++i) combinations *= numbered_values(all, i).size();
  std::map<Values, std::size_t> counts;
  for (const Observation& each : all) ++counts[each.values];
  if (counts.size() != combinations) return false;
  return std::all_of(counts.begin(), counts.end(),
                     [&](const auto& each) { return each.second == counts.begin()->second; });
}

double adjusted_share(const Observations& all, const Levels& levels, double squares) {
  const double between = squares_between(all, levels);
  const auto groups = static_cast<double>(std::set(levels.begin(), levels.end()).size());
  const double rest = static_cast<double>(all.size()) - groups;
  if (rest <= 0) return 0;  // each by itself: everything would be explained
  return std::max(0.0, (between - (groups - 1) * (squares - between) / rest) / squares);
}

std::string why_none(const std::vector<Parameter>& parameters, const Observations& all) {
  const auto finite = std::count_if(
      all.begin(), all.end(), [](const Observation& each) { return std::isfinite(each.score); });
  if (finite < 2) return "fewer than two runs have a score";
  if (parameters.size() == 1 && !parameters[0].range &&
      numbered_values(all, 0).size() == all.size())
    return "one parameter alone was varied, with one run for each value";
  Observations filled = all;
  fill_in_the_worst(filled);
  constexpr double kSame = 1e-24;
  return squares_of(filled) <= kSame * static_cast<double>(all.size())
             ? "all runs have the same score"
             : "";
}

bool drawn(const std::vector<Parameter>& parameters) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [](const Parameter& each) { return each.range.has_value(); });
}

}  // namespace

Importance importance_of(const std::vector<Parameter>& parameters, Observations all) {
  Importance result;
  result.nothing = why_none(parameters, all);
  if (!result.nothing.empty()) return result;
  fill_in_the_worst(all);
  const double squares = squares_of(all);
  const bool factorial = !drawn(parameters) && is_factorial(all, parameters.size());
  result.method = factorial ? ImportanceMethod::factorial : ImportanceMethod::binned;
  double explained = 0;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const double share = factorial ? squares_between(all, levels_by_value(all, i)) / squares
                                   : adjusted_share(all, levels_of(all, i), squares);
    explained += share;
    result.parameters.push_back({parameters[i].key, share});
  }
  if (factorial) {
    const double combinations = squares_between(all, levels_by_combination(all)) / squares;
    result.seeds = std::max(0.0, 1 - combinations);
    result.interactions = std::max(0.0, combinations - explained);
  }
  std::stable_sort(result.parameters.begin(), result.parameters.end(),
                   [](const auto& a, const auto& b) { return a.share > b.share; });
  return result;
}

}  // namespace evenkeel::sweep
