// SPDX-License-Identifier: Apache-2.0
// Loss and accuracy of a network on data, with moving statistics.
#pragma once

#include <cstdint>

namespace evenkeel {

struct Evaluation {
  double loss = 0;  // mean over the images, summed in f64 in their order
  double accuracy = 0;
  std::int64_t correct = 0;
  std::int64_t images = 0;
  // Of the images, those whose class is among the EvaluateOptions::top_k largest.
  std::int64_t in_top_k = 0;
  double top_k_accuracy = 0;
};

struct EvaluateOptions {
  std::int64_t top_k = 0;  // 0: not asked for
};

}  // namespace evenkeel
