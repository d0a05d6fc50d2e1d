// SPDX-License-Identifier: Apache-2.0
#include <omp.h>

#include <algorithm>

#include "evenkeel/base/threads.h"

namespace evenkeel {

void run_lanes(int threads, std::int64_t lanes, LaneFunction function) {
  const int parts = static_cast<int>(std::min<std::int64_t>(threads, lanes));
  if (parts <= 1) {
    if (lanes > 0) function(0, 0, lanes);
    return;
  }
#pragma omp parallel num_threads(parts)
  {
    // The runtime may grant fewer threads than asked for: every lane must run all the same.
    const int granted = omp_get_num_threads();
    const int worker = omp_get_thread_num();
    const std::int64_t begin = lanes * worker / granted;
    const std::int64_t end = lanes * (worker + 1) / granted;
    if (begin < end) function(worker, begin, end);
  }
}

// OpenMP's threads are the caller's too, and keep a mode that another region left or that they were
// made with.
RegionFloatMode::RegionFloatMode(std::span<FloatMode> before) : before_(before) {
  std::fill(before.begin(), before.end(), float_mode());
  set_float_mode(kDefaultFloatMode);
  if (before.size() < 2) return;
#pragma omp parallel num_threads(static_cast <int>(before.size()))
  if (const int worker = omp_get_thread_num(); worker > 0) {
    before[static_cast<std::size_t>(worker)] = float_mode();
    set_float_mode(kDefaultFloatMode);
  }
}

RegionFloatMode::~RegionFloatMode() {
  const std::span<const FloatMode> before = before_;
  if (before.size() > 1) {
#pragma omp parallel num_threads(static_cast <int>(before.size()))
    if (const int worker = omp_get_thread_num(); worker > 0)
      set_float_mode(before[static_cast<std::size_t>(worker)]);
  }
  set_float_mode(before[0]);
}

int default_threads() { return std::max(1, omp_get_max_threads()); }

}  // namespace evenkeel
