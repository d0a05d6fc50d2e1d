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

int default_threads() { return std::max(1, omp_get_max_threads()); }

}  // namespace evenkeel
