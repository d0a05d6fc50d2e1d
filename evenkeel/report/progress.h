// SPDX-License-Identifier: Apache-2.0
// The line that says how far a run is. A pure function of numbers, so that it can be tested.
#pragma once

#include <cstdint>
#include <string>

namespace evenkeel {

struct Progress {
  std::int64_t epoch = 1;
  std::int64_t epochs = 1;
  std::int64_t batch = 0;  // done in this epoch
  std::int64_t batches = 1;
  double images_per_second = 0;  // 0: not known yet
  double seconds_left = -1;      // of the whole run; below 0: not known yet
};

// "Epoch 3/10 [======>     ] 231/429  12,345 images/s  0:42 left", at most `width` columns: a
// narrow terminal gets a shorter bar, then none, then no rate, then no time, at last "3/10
// 231/429".
std::string progress_line(const Progress& progress, int width);

}  // namespace evenkeel
