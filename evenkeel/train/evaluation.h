// SPDX-License-Identifier: Apache-2.0
// Loss and accuracy of a network on data, and the statistics that its batch norms then have.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "evenkeel/base/weights.h"
#include "evenkeel/data/dataset.h"

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

// The average of past batches that training keeps.
struct MovingStatistics {};
// Computed anew over training images where they are needed (train/recalibrate.h): exactly those of
// the weights as they are. Training keeps its moving ones beside them.
struct Recalibrated {
  std::int64_t images = 8192;  // rounded up to whole batches
  Dataset data = {};           // to draw them from; empty: what fit() trains on
};
using Statistics = std::variant<MovingStatistics, Recalibrated>;

struct EvaluateOptions {
  std::int64_t top_k = 0;                     // 0: not asked for
  std::optional<Statistics> statistics = {};  // empty: TrainerOptions::statistics
  Weights weights = Weights::f32;
};

}  // namespace evenkeel
