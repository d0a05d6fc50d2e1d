// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace evenkeel {
namespace {

constexpr std::array kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

double mean_of(const std::vector<double>& values, std::size_t begin, std::size_t end) {
  double sum = 0;
  double count = 0;
  for (std::size_t i = begin; i < end; ++i) {
    if (!std::isfinite(values[i])) continue;
    sum += values[i];
    ++count;
  }
  return count > 0 ? sum / count : std::nan("");
}

}  // namespace

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  const std::size_t count = std::min(width, values.size());
  std::vector<double> means;
  for (std::size_t i = 0; i < count; ++i)
    means.push_back(mean_of(values, i * values.size() / count, (i + 1) * values.size() / count));
  double low = INFINITY;
  double high = -INFINITY;
  for (const double mean : means) {
    if (!std::isfinite(mean)) continue;
    low = std::min(low, mean);
    high = std::max(high, mean);
  }
  std::string line;
  for (const double mean : means) {
    const double share = high > low ? (mean - low) / (high - low) : 0;
    line += std::isfinite(mean)
                ? kBars[static_cast<std::size_t>(std::lround(share * (kBars.size() - 1)))]
                : " ";
  }
  return line;
}

}  // namespace evenkeel
