// SPDX-License-Identifier: Apache-2.0
// What the runs of a sweep say together. Of validation images alone; nothing here has seen a test
// image.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "evenkeel/study/sweep/folder.h"
#include "evenkeel/study/sweep/importance.h"

namespace evenkeel::sweep {

// All seeds of one combination of values. Means and deviations (n - 1) are over the best looks of
// those of its runs that have one and did not diverge; NaN where there is none, a deviation also
// where there is only one.
struct Combination {
  std::size_t number = 0;  // among the plan's
  Values values;
  std::vector<std::size_t> trials;
  std::int64_t scored = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  double accuracy = 0;
  double accuracy_deviation = 0;
  double loss = 0;
  double loss_deviation = 0;
  std::int64_t epochs = 0;  // that the longest of its runs has been judged after
  double seconds = 0;       // of training, over all of its runs
};

// The best first, by the plan's metric: those of which no run diverged, then the others, then those
// without a score. Of equals the earlier first.
std::vector<Combination> ranking(const Sweep& sweep);

// The best look of a run; empty where it has none that is finite, or diverged.
std::optional<Look> best_look(const Sweep& sweep, std::size_t trial);

// Over all runs that are done or diverged; with asha as they were judged at the first rung, where
// all have been.
Importance importance_of(const Sweep& sweep);

struct Totals {
  std::int64_t done = 0;
  std::int64_t diverged = 0;
  std::int64_t failed = 0;
  std::int64_t unfinished = 0;  // of asha: given up at some rung
  std::int64_t waiting = 0;
};
Totals totals_of(const Sweep& sweep);

}  // namespace evenkeel::sweep
