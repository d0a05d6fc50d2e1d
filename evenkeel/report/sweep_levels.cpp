// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/sweep_levels.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "evenkeel/report/axis.h"

namespace evenkeel::sweep {
namespace {

// In the order of choices; what was drawn from a range by size.
std::vector<std::string> values_of(const Sweep& sweep, std::size_t parameter) {
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const Trial& trial : sweep.trials)
    if (seen.insert(trial.values[parameter]).second) values.push_back(trial.values[parameter]);
  const bool numbers = std::all_of(values.begin(), values.end(),
                                   [](const std::string& each) { return number_of(each); });
  const auto& choices = sweep.plan.parameters[parameter].choices;
  std::sort(values.begin(), values.end(), [&](const std::string& a, const std::string& b) {
    if (numbers) return *number_of(a) < *number_of(b);
    return std::find(choices.begin(), choices.end(), a) <
           std::find(choices.begin(), choices.end(), b);
  });
  return values;
}

}  // namespace

SweepLevels levels_of(const Sweep& sweep, std::size_t parameter, std::size_t most) {
  const Parameter& about = sweep.plan.parameters[parameter];
  const auto values = values_of(sweep, parameter);
  SweepLevels levels{about.key, {}, {}};
  if (values.size() <= most || !about.range) {
    for (const std::string& value : values) {
      levels.level[value] = levels.names.size();
      levels.names.push_back(value);
    }
    return levels;
  }
  const auto place = [&](double value) { return about.range->log ? std::log(value) : value; };
  const auto value_at = [&](double at) { return about.range->log ? std::exp(at) : at; };
  const double low = place(about.range->low);
  const double width = (place(about.range->high) - low) / static_cast<double>(most);
  for (std::size_t i = 0; i < most; ++i)
    levels.names.push_back(short_number(value_at(low + width * static_cast<double>(i))) + " – " +
                           short_number(value_at(low + width * static_cast<double>(i + 1))));
  for (const std::string& value : values) {
    const double bin = std::floor((place(*number_of(value)) - low) / width);
    levels.level[value] =
        static_cast<std::size_t>(std::clamp(bin, 0.0, static_cast<double>(most - 1)));
  }
  return levels;
}

}  // namespace evenkeel::sweep
