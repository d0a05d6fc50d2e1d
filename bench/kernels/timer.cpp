// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/timer.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace evenkeel::bench {
namespace {

double milliseconds(const std::function<void()>& way, int times) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < times; ++i) way();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
             .count() /
         times;
}

}  // namespace

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<Times> time_in_turns(const std::vector<std::function<void()>>& ways,
                                 const TimerOptions& options) {
  std::vector<int> repeats;
  for (const auto& way : ways) {
    way();  // warm
    const double once = std::max(1e-5, milliseconds(way, 1));
    repeats.push_back(std::clamp(static_cast<int>(options.sample_ms / once), 1, 1000));
  }
  std::vector<std::vector<double>> samples(ways.size());
  for (int round = 0; round < options.rounds; ++round)
    for (std::size_t i = 0; i < ways.size(); ++i)
      samples[i].push_back(milliseconds(ways[i], repeats[i]));
  std::vector<Times> times;
  times.reserve(samples.size());
  for (const auto& each : samples)
    times.push_back({median(each), *std::min_element(each.begin(), each.end())});
  return times;
}

}  // namespace evenkeel::bench
