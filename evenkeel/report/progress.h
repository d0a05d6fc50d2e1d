// SPDX-License-Identifier: Apache-2.0
// The line that says how far a run is. Pure functions, so that they can be tested.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace evenkeel {

struct Progress {
  static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  std::int64_t epoch = 1;
  std::int64_t epochs = 1;
  std::int64_t batch = 0;  // done in this epoch
  std::int64_t batches = 1;
  double images_per_second = 0;  // 0: not known yet
  double seconds_left = -1;      // of the whole run; below 0: not known yet
  double loss = kUnknown;        // means over the epoch so far
  double accuracy = kUnknown;
  std::vector<double> losses = {};  // over the run, for a small curve of their logarithms
  bool blocks = false;              // the line may hold one: the terminal takes UTF-8
};

// "Epoch 3/10 [===>      ] 231/429  loss 0.1234 ▇▅▃▂▁▁▁▁  accuracy 0.9712  12,345 images/s  0:42
// left", at most `width` columns: a narrow terminal gets shorter words, then no bar, no curve, no
// rate, no accuracy, at last "3/10 231/429".
std::string progress_line(const Progress& progress, int width);

// As much of `text`, UTF-8 without wide characters, as `width` columns take: whole characters.
std::string first_columns(const std::string& text, int width);

}  // namespace evenkeel
