// SPDX-License-Identifier: Apache-2.0
// Batch norm's rules in numbers: which samples make a group, what an update keeps. Both backends'
// kernels go by them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "evenkeel/graph/attribute_types.h"

namespace evenkeel {

// Groups of `size` of N samples: those of group g are first, first + step, first + 2 step, …
struct Groups {
  std::int64_t size;
  std::int64_t count;
  std::int64_t step;
  Groups(std::int64_t samples, std::int64_t group_size, Grouping grouping)
      : size(group_size),
        count(samples / group_size),
        step(grouping == Grouping::interleaved ? count : 1) {}
  std::int64_t first(std::int64_t group) const { return step == 1 ? group * size : group; }
};

// The share of a moving value that stays in the update after `seen` others; the rule has keep and
// count_weighted.
template <typename Rule>
double kept(const Rule& rule, double seen) {
  return rule.count_weighted ? std::min(rule.keep, seen / (seen + 1)) : rule.keep;
}

// M2 / count, or of the population that a sample is of. A single value has no sample variance; its
// M2 is 0 either way.
inline double variance_of(MovingVariance variance, double count, double M2) {
  const bool sample = variance == MovingVariance::sample && count > 1;
  return M2 / (sample ? count - 1 : count);
}

}  // namespace evenkeel
