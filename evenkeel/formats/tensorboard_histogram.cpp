// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>

#include "evenkeel/formats/tensorboard.h"

namespace evenkeel::tensorboard {
namespace {

std::vector<double> make_limits() {
  std::vector<double> above;
  for (double limit = 1e-12; limit < 1e20; limit *= 1.1) above.push_back(limit);
  above.push_back(std::numeric_limits<double>::max());
  std::vector<double> limits;
  for (auto limit = above.rbegin(); limit != above.rend(); ++limit) limits.push_back(-*limit);
  limits.push_back(0);
  limits.insert(limits.end(), above.begin(), above.end());
  return limits;
}

const std::vector<double>& all_limits() {
  static const std::vector<double> limits = make_limits();
  return limits;
}

std::size_t bucket_of(double value) {
  const std::vector<double>& limits = all_limits();
  return static_cast<std::size_t>(std::upper_bound(limits.begin(), limits.end(), value) -
                                  limits.begin());
}

// Of a float by its upper 16 bits: sign, exponent and seven bits of the fraction, so that the
// values of a cell lie within 0.8 % and at most one limit, 10 % from the next, is among them.
constexpr int kLowerBits = 16;

// The first bucket of each cell's values.
std::vector<std::uint16_t> make_cells() {
  std::vector<std::uint16_t> cells(std::size_t{1} << kLowerBits);
  for (std::uint32_t cell = 0; cell < cells.size(); ++cell) {
    const bool negative = (cell & 0x8000) != 0;
    // The least value is that of the largest fraction below 0.
    const std::uint32_t bits = cell << kLowerBits | (negative ? 0xFFFFU : 0U);
    const auto value = std::bit_cast<float>(bits);
    if (std::isfinite(value)) cells[cell] = static_cast<std::uint16_t>(bucket_of(value));
  }
  return cells;
}

std::size_t bucket_of(float value) {
  static const std::vector<std::uint16_t> cells = make_cells();
  const std::vector<double>& limits = all_limits();
  std::size_t bucket = cells[std::bit_cast<std::uint32_t>(value) >> kLowerBits];
  while (limits[bucket] <= static_cast<double>(value)) ++bucket;
  return bucket;
}

// A run of empty buckets is one, and none at the ends, where readers take the least and the largest
// value as the outer edges.
void join_empty(const std::vector<double>& counts, Histogram& histogram) {
  std::size_t i = 0;
  std::size_t end = counts.size();
  while (i < end && counts[i] == 0) ++i;
  while (end > i && counts[end - 1] == 0) --end;
  for (; i < end; ++i) {
    while (counts[i] == 0 && counts[i + 1] == 0) ++i;
    histogram.limits.push_back(all_limits()[i]);
    histogram.buckets.push_back(counts[i]);
  }
}

template <typename T>
Histogram make_histogram(std::span<const T> values) {
  std::vector<double> counts(all_limits().size());
  Histogram histogram;
  for (const T given : values) {
    if (!std::isfinite(given)) continue;
    counts[std::min(bucket_of(given), counts.size() - 1)] += 1;
    const auto value = static_cast<double>(given);
    histogram.min = std::min(histogram.min, value);
    histogram.max = std::max(histogram.max, value);
    histogram.count += 1;
    histogram.sum += value;
    histogram.sum_of_squares += value * value;
  }
  join_empty(counts, histogram);
  return histogram;
}

}  // namespace

Histogram histogram_of(std::span<const float> values) { return make_histogram(values); }
Histogram histogram_of(std::span<const double> values) { return make_histogram(values); }

}  // namespace evenkeel::tensorboard
