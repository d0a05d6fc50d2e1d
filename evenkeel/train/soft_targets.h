// SPDX-License-Identifier: Apache-2.0
// Label smoothing (Szegedy et al. 2016) and class weights: targets that softmax cross-entropy takes
// in the place of classes.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evenkeel/data/dataset.h"
#include "evenkeel/runtime/executor.h"
#include "evenkeel/train/loss.h"

namespace evenkeel {

// With class y_i of sample i, w_k the weight of class k (1 where none are given), s the smoothing:
//   t[i,k] = N / sum_j w[y_j] * ((1 - s) w[y_i] [k = y_i] + s / K w_k)
// The mean of the cross-entropies by t is then PyTorch's CrossEntropyLoss(weight=w,
// label_smoothing=s): smoothing counts each class by its own weight, and the mean is by the weights
// of the classes that are there (in a micro-batch, where the gradients of several are averaged).
struct SoftTargets {
  double smoothing = 0;                    // in [0,1)
  std::vector<double> class_weights = {};  // one a class, above 0; or none
  bool any() const { return smoothing != 0 || !class_weights.empty(); }
  friend bool operator==(const SoftTargets&, const SoftTargets&) = default;
};

// InvalidArgument naming the setting that makes no sense, with this loss over `classes` classes.
void require_valid(const SoftTargets& soft, Loss loss, std::int64_t classes);
// The same for numbers alone.
void require_valid(const SoftTargets& soft);
// InvalidArgument where the data set has targets of its own.
void require_classes(const SoftTargets& soft, const Dataset& data);

// labels [N], each from 0 to K-1 -> out [N,K].
void soften(const SoftTargets& soft, std::span<const std::int32_t> labels, std::span<double> out);

// Fills "labels/targets" from "labels".
void feed_softened(Executor& executor, const SoftTargets& soft);

}  // namespace evenkeel
