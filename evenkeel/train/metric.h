// SPDX-License-Identifier: Apache-2.0
// What a run is judged by while it trains.
#pragma once

#include "evenkeel/train/evaluation.h"

namespace evenkeel {

// The smaller loss is the better one, the higher accuracy.
enum class Metric { loss, accuracy };

inline double value_of(const Evaluation& evaluation, Metric metric) {
  return metric == Metric::loss ? evaluation.loss : evaluation.accuracy;
}

}  // namespace evenkeel
