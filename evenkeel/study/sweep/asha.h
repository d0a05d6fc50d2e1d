// SPDX-License-Identifier: Apache-2.0
// Which run is to be made next where most are given up early. Pure: no clock, no process.
// Source: Li et al. 2020, "A system for massively parallel hyperparameter tuning" (arXiv
// 1810.05934), algorithm 2.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace evenkeel::sweep {

// How far one run is.
struct AshaTrial {
  std::vector<double> scores = {};  // at the end of each rung it has done, larger is better
  bool running = false;             // on the rung behind those
  bool over = false;  // diverged or failed on the rung behind those: worse than any score
};

struct AshaStep {
  std::size_t trial = 0;
  std::size_t rung = 0;  // to be done
  friend bool operator==(const AshaStep&, const AshaStep&) = default;
};

// A run that is among the best 1 / `reduction` of those that are through with a rung goes on to the
// next, the highest rung first; of equals the earlier. Else a run begins. Once all have begun and
// none runs, the best of the highest rung reached goes on, so that one comes to the end. Empty:
// nothing can be done before another run has ended, or ever.
std::optional<AshaStep> next_step(const std::vector<AshaTrial>& trials, std::size_t rungs,
                                  int reduction);

}  // namespace evenkeel::sweep
